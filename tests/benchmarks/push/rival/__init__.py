"""The same job as a Django developer would do it: rows, `on_commit`, Celery, fcm-django. Only for comparison."""
