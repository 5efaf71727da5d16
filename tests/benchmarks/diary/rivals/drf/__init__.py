"""Django REST framework: models, `prefetch_related`, serializers. Served by the same server, through WSGI."""
