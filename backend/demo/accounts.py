"""The demo's people with a login. Everybody else of the demo school exists, and cannot sign in."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from backend.core.secrets import blind_index
from backend.core.settings import Keys

NAMESPACE = UUID("6d795f64-6961-7279-8000-64656d6f0000")


@dataclass(frozen=True)
class DemoAccount:
    login: str
    who: str

    @property
    def id(self) -> UUID:
        return uuid5(NAMESPACE, self.login)


ADMINISTRATOR = DemoAccount("demo.admin", "администратор школы")
DEPUTY = DemoAccount("demo.zavuch", "завуч")
TEACHER = DemoAccount("demo.uchitel", "классный руководитель 5А, математика")
MOTHER = DemoAccount("demo.mama", "мама Ивана (5А) и Софьи (2А)")
FATHER = DemoAccount("demo.papa", "папа Ивана и Софьи")
STUDENT = DemoAccount("demo.ivan", "ученик 5А")
ALL = (ADMINISTRATOR, DEPUTY, TEACHER, MOTHER, FATHER, STUDENT)

SCHOOL_ID = uuid5(NAMESPACE, "school")
IVAN_ID = uuid5(NAMESPACE, "ivan")
SOFIA_ID = uuid5(NAMESPACE, "sofia")


def demo_password(keys: Keys) -> str:
    """The demo's one password: another in every installation, because a demo may be reached from a LAN."""
    return f"Demo-{blind_index(keys.index, 'demo', 'password').hex()[:8]}"
