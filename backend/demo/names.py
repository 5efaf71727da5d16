"""Names of invented people, right in Russian: families have two forms, patronymics follow the father."""

import random
from dataclasses import dataclass
from typing import Literal

Sex = Literal["male", "female"]

_FAMILIES = [
    "Абрамов",
    "Алексеев",
    "Андреев",
    "Антонов",
    "Белов",
    "Богданов",
    "Васильев",
    "Виноградов",
    "Воробьёв",
    "Гаврилов",
    "Герасимов",
    "Голубев",
    "Григорьев",
    "Громов",
    "Давыдов",
    "Денисов",
    "Егоров",
    "Ершов",
    "Жуков",
    "Зайцев",
    "Захаров",
    "Зуев",
    "Калинин",
    "Киселёв",
    "Ковалёв",
    "Козлов",
    "Комаров",
    "Королёв",
    "Крылов",
    "Кузнецов",
    "Лебедев",
    "Макаров",
    "Медведев",
    "Мельников",
    "Миронов",
    "Михайлов",
    "Морозов",
    "Назаров",
    "Никитин",
    "Новиков",
    "Орлов",
    "Осипов",
    "Павлов",
    "Поляков",
    "Попов",
    "Романов",
    "Рябов",
    "Семёнов",
    "Сергеев",
    "Сидоров",
    "Соколов",
    "Соловьёв",
    "Степанов",
    "Тарасов",
    "Тихонов",
    "Фёдоров",
    "Филиппов",
    "Фролов",
    "Чернов",
    "Шилов",
    "Щербаков",
    "Яковлев",
]
_GIRLS = [
    "Алина",
    "Анастасия",
    "Анна",
    "Арина",
    "Варвара",
    "Василиса",
    "Вероника",
    "Виктория",
    "Дарья",
    "Ева",
    "Екатерина",
    "Елизавета",
    "Есения",
    "Злата",
    "Кира",
    "Ксения",
    "Майя",
    "Маргарита",
    "Милана",
    "Полина",
    "Софья",
    "Таисия",
    "Ульяна",
    "Юлия",
]
_BOYS = [
    "Александр",
    "Алексей",
    "Андрей",
    "Артём",
    "Богдан",
    "Владимир",
    "Глеб",
    "Даниил",
    "Денис",
    "Дмитрий",
    "Егор",
    "Кирилл",
    "Константин",
    "Лев",
    "Максим",
    "Марк",
    "Матвей",
    "Михаил",
    "Никита",
    "Роман",
    "Сергей",
    "Степан",
    "Тимофей",
    "Фёдор",
]
_MOTHERS = [
    "Анна",
    "Екатерина",
    "Елена",
    "Ирина",
    "Марина",
    "Мария",
    "Наталья",
    "Оксана",
    "Ольга",
    "Светлана",
    "Татьяна",
    "Юлия",
]
_FATHERS = {
    "Александр": "Александрович", "Алексей": "Алексеевич", "Андрей": "Андреевич", "Виктор": "Викторович",
    "Владимир": "Владимирович", "Денис": "Денисович", "Дмитрий": "Дмитриевич", "Евгений": "Евгеньевич",
    "Игорь": "Игоревич", "Максим": "Максимович", "Николай": "Николаевич", "Олег": "Олегович", "Павел": "Павлович",
    "Роман": "Романович", "Сергей": "Сергеевич", "Юрий": "Юрьевич",
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    family: str
    given: str
    patronymic: str
    sex: Sex


@dataclass(frozen=True)
class Family:
    child: Person
    mother: Person
    father: Person


def family(chance: random.Random) -> Family:
    """A child with both parents."""
    surname = chance.choice(_FAMILIES)
    father = chance.choice(sorted(_FATHERS))
    sex: Sex = chance.choice(("male", "female"))
    given = chance.choice(_BOYS if sex == "male" else _GIRLS)
    return Family(
        child=person(surname, given, father, sex),
        mother=person(surname, chance.choice(_MOTHERS), chance.choice(sorted(_FATHERS)), "female"),
        father=person(surname, father, chance.choice(sorted(_FATHERS)), "male"),
    )


def adult(chance: random.Random) -> Person:
    """A teacher."""
    sex: Sex = chance.choice(("female", "female", "female", "male"))
    given = chance.choice(_MOTHERS if sex == "female" else sorted(_FATHERS))
    return person(chance.choice(_FAMILIES), given, chance.choice(sorted(_FATHERS)), sex)


def person(surname: str, given: str, father: str, sex: Sex) -> Person:
    """A person of a family, whose father has the given name `father`."""
    patronymic = _FATHERS[father]
    if sex == "female":
        return Person(f"{surname}а", given, f"{patronymic[:-2]}на", sex)
    return Person(surname, given, patronymic, sex)
