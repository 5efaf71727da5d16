"""Google's SDK, unchanged but for the address: it has no setting for that."""

from pathlib import Path
from typing import Any


def google_app(base_url: str, service_account: Path) -> Any:
    """The default app, pointed at our server with the same pool of connections that Google's address gets."""
    import firebase_admin
    from firebase_admin import credentials, messaging

    messaging._MessagingService.FCM_URL = base_url + "/v1/projects/{0}/messages:send"
    app = firebase_admin.initialize_app(credentials.Certificate(str(service_account)))
    session = messaging._get_messaging_service(app)._client.session
    # A hundred connections are kept for that address, ten for any other.
    session.mount(base_url, session.get_adapter("https://fcm.googleapis.com"))
    return app
