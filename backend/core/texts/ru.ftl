# What people read when something cannot be done. The message is `problem-` and the code.

problem-bad-request = Запрос не разобран.
problem-unauthenticated = Войдите в приложение ещё раз.
problem-wrong-credentials = Логин или пароль не подходят.
problem-session-ended = Сеанс завершён, войдите ещё раз.
problem-forbidden = На это нет права.
problem-password-must-be-set = Сначала задайте свой пароль.
problem-not-found = Такого нет.
problem-method-not-allowed = Так сюда обращаться нельзя.
problem-conflict = Это противоречит тому, что уже записано.
problem-installation-taken = Это устройство зарегистрировано за другим человеком. Переустановите приложение.
problem-child-already-attached = Этот ребёнок уже есть в вашем списке.
problem-wrong-code = Код не подходит или устарел. Попросите в школе новый.
problem-idempotency-key-reused = Этот Idempotency-Key уже использован для другого запроса.
problem-stale = Запись успели изменить. Сейчас: { $current }.
problem-correction-decided = По этой просьбе уже есть решение.
problem-correction-overtaken = Оценку успели изменить, или период закрыт. Решать больше нечего.
problem-period-unchanged = Период уже в этом состоянии.
problem-period-not-begun = Период ещё не начался.
problem-body-too-large = Запрос больше { $limit } байт.
problem-unsupported-media-type = Ожидается application/json.
problem-invalid = Проверьте отмеченные поля.
problem-too-many-requests = Слишком много попыток. Повторите через { $seconds ->
    [one] { $seconds } секунду
    [few] { $seconds } секунды
   *[many] { $seconds } секунд
}.
problem-unavailable = Сервис ненадолго недоступен. Повторите чуть позже.
problem-internal = Что-то сломалось на сервере. Мы уже знаем.

field-required = обязательное поле
field-unknown-field = такого поля нет
field-wrong-type = значение не того вида
field-out-of-range = значение вне допустимых границ
field-not-one-of = такого значения нет в списке
field-not-json = это не JSON
field-bad-date = такой даты нет
field-too-weak = пароль слишком простой
field-too-obvious = такой пароль легко угадать
field-same-as-before = новый пароль совпадает со старым
field-not-in-group = этого ученика нет в группе в день урока
field-repeated = встречается дважды
field-minutes-only-when-late = минуты бывают только у опоздания
field-ends-before-it-begins = конец раньше начала
field-in-the-past = это уже в прошлом
field-too-far = слишком далеко от сегодняшнего дня
field-too-long = слишком длинный срок
field-bad-key = нужны 32 байта в base64
field-weak-key = нужны 32 случайных байта: создайте новый ключ
field-key-repeated = это ключ другого устройства: создайте новый
field-key-id-taken = так уже называется другой ключ этого устройства: выберите новое имя
field-unknown-kind = такого вида оповещений нет
field-unknown-child = это не ваш ребёнок
field-key-expired = срок ключа истёк или слишком велик
field-unknown-timezone = такого часового пояса нет
field-before-the-lesson = раньше самого урока
field-bad-header = заголовок не разобран
field-bad-character = недопустимый знак
field-bad-day = такого дня в дневнике нет
field-period-closed = период закрыт
field-reason-required = прошло время исправлений: нужна причина, решит завуч
field-correction-pending = исправление уже ждёт решения завуча
field-only-for-dots = срок бывает только у точки
field-not-of-this-lesson = этой работы нет на уроке
