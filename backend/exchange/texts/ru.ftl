# What people read when a class list is not taken. The message is `import-` and the code of the problem.

import-unreadable-file = Файл не читается.
import-empty-file = Файл пустой.
import-too-large = Файл слишком большой.
import-not-a-zip = Это не книга XLSX.
import-broken-zip = Книга XLSX повреждена.
import-encrypted = Книга закрыта паролем: сохраните её без пароля.
import-unsupported-compression = Книга упакована необычно: сохраните её в Excel заново.
import-too-many-files = Это не книга XLSX: в ней слишком много файлов.
import-duplicate-file = Книга XLSX повреждена: файл в ней встречается дважды.
import-unsafe-path = Это не книга XLSX: имя файла в ней указывает наружу.
import-broken-xlsx = Книга XLSX не читается: сохраните её в Excel заново.
import-unknown-format = Это ни XLSX, ни CSV.
import-wrong-encoding = Кодировка не подходит: сохраните список в XLSX или в CSV UTF-8.
import-broken-row = С этого места файл нельзя прочитать как CSV: проверьте кавычки.
import-wrong-number-of-cells = В строке не столько ячеек, сколько в заголовке.
import-control-character = В ячейке есть недопустимый знак.
import-too-long = Ячейка слишком длинная.
import-too-many-rows = В списке слишком много строк.
import-missing-column = Не хватает столбца.
import-not-yours-to-link = У этого родителя уже есть учётная запись: ребёнка прикрепит администратор или завуч.
import-unknown-group = В этом году нет такого класса или группы.
import-ambiguous-group = В этом году несколько групп с таким названием.
import-unknown-subject = Такого предмета в школе нет.
import-bad-weekday = День пишут так: Пн или понедельник, не позже субботы.
import-bad-number = Номер урока от 0 до 12.
import-place-taken = Выше у этой группы на том же месте другой урок.
import-in-the-past = Расписание действует самое раннее с сегодняшнего дня.
import-duplicate-column = Столбец встречается дважды.
import-missing-value = Ячейка не может быть пустой.
import-unknown-school = Такой школы нет.
import-no-school-year = У школы нет учебного года на сегодня или позже: сначала создайте его.
import-bad-class-name = Класс пишется так: 5А, от 1 до 11.
import-bad-date = Дата пишется так: 01.09.2015, и возраст должен быть школьным.
import-bad-phone = Телефон пишется так: +7 912 345-67-89, один в ячейке.
import-bad-email = Адрес пишется так: name@example.ru, один в ячейке.
import-bad-snils = СНИЛС пишется так: 112-233-445 95. Проверьте цифры: контрольное число не сходится.
import-bad-name = Имя пишется так: Иванова Мария Сергеевна.
import-bad-login = В логине от 3 до 90 знаков и нет пробелов.
import-duplicate-login = Такой логин уже есть в списке выше.
import-duplicate-student = Этот ученик уже есть в списке выше.
import-two-class-teachers = Выше у этого класса указан другой классный руководитель.
import-login-of-another-student = Этот логин у ученика с другим именем.
import-ambiguous-student = В школе есть ученик с таким именем: укажите дату рождения или логин.
import-ambiguous-parent = У ребёнка несколько родителей с таким именем: укажите СНИЛС.
import-unknown-teacher = В школе нет учителя с таким логином или полным именем.
import-ambiguous-teacher = В школе несколько учителей с таким именем: укажите логин.
import-snils-taken = Этот СНИЛС принадлежит другому человеку.
import-snils-differs = В дневнике у этого человека другой СНИЛС.
import-snils-of-another-person = Этот СНИЛС стоит у человека с другим именем.
import-contradiction = Пока файл загружался, данные успели изменить. Загрузите его ещё раз.
import-not-your-class = Это не ваш класс: его загружает администратор или завуч.
import-student-of-another-class = Ученик сейчас в другом классе или выбыл: его переводит администратор или завуч.
import-not-yours-to-appoint = Другого классного руководителя назначает администратор или завуч.

# Sheets of credentials, printed and cut into slips.

sheet-title = Вход в дневник, { $class }
sheet-heading = { $school } · { $class } класс
sheet-student = Для ученика
sheet-parent = { $count ->
    [1] Для родителя. Ребёнок: { $children }
   *[other] Для родителя. Дети: { $children }
}
sheet-code = Для родителя: код этого ребёнка
sheet-login = Логин
sheet-password = Одноразовый пароль
sheet-attach-code = Код
sheet-first-login = Пароль действует до { $until }. При первом входе задайте свой и никому его не сообщайте.
sheet-attach = Код действует до { $until } и срабатывает один раз. Войдите в приложение и добавьте по нему ребёнка. Если своего входа ещё нет, попросите его в школе.
sheet-app = Приложение: { $address }
sheet-support = Помощь: { $contacts }
