"""A local FCM: the HTTP v1 protocol over HTTP/2 and TLS, the OAuth token endpoint, and a page of phones.

For `make run`, for tests, and for app developers without a Firebase project.
"""
