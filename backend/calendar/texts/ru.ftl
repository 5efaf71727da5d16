# What stands in calendars.

title = Мой дневник
title-of-child = Дневник: { $child }
room = каб. { $room }
remote = дистанционно
substitution = Замена
cancelled = Отменено: { $what }
moved = Перенесено: { $what }
homework = Задано: { $subject }
meeting = Собрание: { $title }
work = { $kind ->
    [control-work] Контрольная работа
   *[test] Тест
}: { $subject }
