"""Proves that Firebase is set up, by a send that FCM validates and nobody receives."""

from push.sender import Sender
from push.verdict import Outcome

_PROBE = b'{"validate_only":true,"message":{"topic":"my-diary-check","data":{"v":"1"}}}'

_REMEDIES = {
    "credentials": "Google refuses the service account: make a new key for it (docs/firebase.md, step 4)",
    "token-server": "Google's token server is not reachable: is outgoing HTTPS to oauth2.googleapis.com allowed?",
    "PERMISSION_DENIED": "the service account lacks the role Firebase Cloud Messaging API Admin",
    "UNAUTHENTICATED": "Google refuses the access token: is this machine's clock right?",
    "NOT_FOUND": "there is no such project, or the Firebase Cloud Messaging API (V1) is switched off",
    "timeout": "no answer within 15 s: is outgoing HTTPS to the FCM address allowed?",
    "connection": "no connection: is outgoing HTTPS to the FCM address allowed?",
}


async def check_fcm(sender: Sender) -> str | None:
    """None where FCM would accept our messages, else what is wrong and what to do."""
    verdict = await sender.send(_PROBE)
    if verdict.outcome is Outcome.ACCEPTED:
        return None
    return f"FCM answered {verdict.code}: {_REMEDIES.get(verdict.code, 'see docs/firebase.md')}"
