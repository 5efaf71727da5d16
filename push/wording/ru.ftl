# Alerts as people read them. A kind's message is one item of the text; `.title` is its title.
# Names are not inflected: "Иван: ..." (PUSH.md section 3).

neutral-title = Мой дневник
neutral-body = Новая запись в дневнике
more = и ещё { $count }
summary-title = Сводка дневника: { $count ->
    [one] { $count } новость
    [few] { $count } новости
   *[many] { $count } новостей
}

channel-marks = Оценки
channel-attendance = Посещаемость
channel-remarks = Замечания и благодарности
channel-timetable = Расписание
channel-homework = Домашние задания
channel-tomorrow = Что завтра
channel-notices = Сообщения об отсутствии
channel-meetings = Собрания
channel-announcements = Объявления
channel-weeks = Неделя
channel-messages = Сообщения
channel-urgent-messages = Срочные сообщения школы
channel-summary = Сводка
channel-access = Доступ к дневнику
channel-journal = Журнал
channel-support = Поддержка

mark-value = { $value ->
    [pass] зачёт
    [fail] незачёт
    [not-attested] н/а
    [exempt] осв
    [removed] без оценки
    [dot] точка
   *[other] { $value }
}

mark-set = { $subject }: { $value }
    .title = { $child }: { $count ->
        [one] новая оценка
       *[other] новые оценки
    }

mark-corrected = { $subject }: исправлено, было { $old }, теперь { $value }
    .title = { $child }: оценка исправлена

dot-set = { $subject }: сдать до { $dueOn }
    .title = { $child }: точка, нужно сдать

dot-due = { $subject }: сдать до { $dueOn }
    .title = { $child }: срок близко

dot-resolved = { $subject }
    .title = { $child }: точка снята

finals-published = { $period }
    .title = { $child }: итоговые оценки

correction-asked = { $subject }, { $groupName }
    .title = Просят исправить оценку

correction-decided = { $subject }, { $groupName }: { $approved ->
    [yes] исправлено
   *[no] отклонено
}
    .title = Решение об исправлении оценки

absent-without-notice = урок { $number }: { $subject }
    .title = { $child } не на { $count ->
        [one] уроке
       *[other] уроках
    }

remark-given = { $subject ->
    [none] { $day }
   *[other] { $subject }, { $day }
}
    .title = { $child }: замечание

praise-given = { $subject ->
    [none] { $day }
   *[other] { $subject }, { $day }
}
    .title = { $child }: благодарность

absence-corrected = урок { $number }: { $subject }{ $minutes ->
    [0] { "" }
   *[other] , опоздание { $minutes } мин
}
    .title = { $child } на уроке

came-late = урок { $number }: { $subject }{ $minutes ->
    [0] { "" }
   *[other] , на { $minutes } мин
}
    .title = { $child }: опоздание

timetable-changed = урок { $number }, { $subject }: { $change ->
    [cancelled] отменён
    [restored] всё-таки будет
    [teacher] замена учителя
    [subject] замена предмета
    [room] { $room ->
        [none] без кабинета
       *[other] кабинет { $room }
    }
    [moved] перенесён, { $toDay }, урок { $toNumber }
    [remote] дистанционно
    [in-person] снова в школе
    [added] добавлен
   *[other] изменён
}
    .title = { $child }: расписание на { $day }

first-lesson-changed = { timetable-changed }
    .title = { $child }: первый урок сегодня изменился

homework-set = { $subject } на { $dueOn }
    .title = { $child }: задано на дом

homework-changed = { $subject } на { $dueOn }
    .title = { $child }: изменилось домашнее задание

tomorrow = { $first ->
    [none] Уроков нет
   *[other] Первый урок в { $first }: { $subject }
}{ $changes ->
    [0] { "" }
    [one] . { $changes } изменение в расписании
    [few] . { $changes } изменения в расписании
   *[many] . { $changes } изменений в расписании
}{ $undone ->
    [none] { "" }
   *[other] . Не отмечено: { $undone }
}
    .title = Завтра, { $day }

absence-notice-filed = { $firstDay ->
    [same] { $lastDay }
   *[other] { $firstDay } – { $lastDay }
}{ $lessons ->
    [none] { "" }
   *[other] , уроки: { $lessons }
}
    .title = { $child }, { $className }: не будет в школе

absence-notice-changed = { absence-notice-filed }
    .title = { $child }, { $className }: дни отсутствия изменены

absence-notice-cancelled = { absence-notice-filed }
    .title = { $child }, { $className }: будет в школе

absence-notice-decided = { $firstDay ->
    [same] { $lastDay }
   *[other] { $firstDay } – { $lastDay }
}: { $accepted ->
    [yes] принято
   *[no] отклонено
}
    .title = { $child }: сообщение об отсутствии

expected-back = Если нет, продлите сообщение об отсутствии
    .title = { $child } сегодня в школе?

meeting-called = { $startsAt }, { $place ->
    [none] онлайн
   *[other] { $place }
}. { $title }
    .title = { $className ->
        [none] Родительское собрание
       *[other] Родительское собрание, { $className }
    }

meeting-moved = { $change ->
    [time] перенесено с { $oldStartsAt } на { $startsAt }, { $place ->
        [none] онлайн
       *[other] { $place }
    }
    [both] перенесено с { $oldStartsAt } на { $startsAt }, новое место: { $place ->
        [none] онлайн
       *[other] { $place }
    }
    [link] { $startsAt }, новая ссылка
   *[place] { $startsAt }, новое место: { $place ->
        [none] онлайн
       *[other] { $place }
    }
}. { $title }
    .title = { $className ->
        [none] Изменилось собрание
       *[other] Изменилось собрание, { $className }
    }

meeting-cancelled = { $startsAt }. { $title }
    .title = { $className ->
        [none] Собрание отменено
       *[other] Собрание отменено, { $className }
    }

meeting-soon = { $startsAt }, { $place ->
    [none] онлайн
   *[other] { $place }
}. { $title }
    .title = { $className ->
        [none] Скоро собрание
       *[other] Скоро собрание, { $className }
    }

announcement-published = { $title }
    .title = { $className ->
        [none] Объявление
       *[other] Объявление, { $className }
    }

week-to-acknowledge = { $firstDay } – { $lastDay }
    .title = { $child }: посмотрите и подпишите неделю

remark-answered = { $day }
    .title = { $child }: родители ответили на запись

message-received = { $writer ->
    [class-teacher] классный руководитель
    [deputy] завуч
    [staff] сотрудник школы
    [teacher] { $subject ->
        [none] учитель
       *[other] учитель: { $subject }
    }
    [student] ученик
   *[parent] родитель
}
    .title = { $child }{ $className ->
        [none] { "" }
       *[other] , { $className }
    }: { $count ->
        [one] новое сообщение
       *[other] новые сообщения
    }

urgent-message = { message-received }
    .title = { $child }{ $className ->
        [none] { "" }
       *[other] , { $className }
    }: срочное сообщение школы

guardianship-changed = { $change ->
    [added] ребёнок добавлен в ваш дневник
   *[other] ваши права изменились
}
    .title = { $child }: доступ к дневнику

lessons-unfilled = { $lessons ->
    [one] { $lessons } урок без отметки посещаемости
    [few] { $lessons } урока без отметки посещаемости
   *[many] { $lessons } уроков без отметки посещаемости
}
    .title = Журнал за { $day } не заполнен

support-answered = { $status ->
    [in-progress] Взято в работу
    [waiting] Поддержка ждёт вашего ответа
    [answered] Есть ответ
    [closed] Закрыто
   *[other] Изменилось
}
    .title = Поддержка: обращение { $number }
