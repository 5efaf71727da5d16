# What people read when a class list is not taken. The message is `import-` and the code of the problem.

import-unreadable-file = The file cannot be read.
import-empty-file = The file is empty.
import-too-large = The file is too large.
import-not-a-zip = This is not an XLSX workbook.
import-broken-zip = The XLSX workbook is damaged.
import-encrypted = The workbook has a password: save it without.
import-unsupported-compression = The workbook is packed in an unusual way: save it in Excel again.
import-too-many-files = This is not an XLSX workbook: it holds too many files.
import-duplicate-file = The XLSX workbook is damaged: it holds a file twice.
import-unsafe-path = This is not an XLSX workbook: a name in it points outside.
import-broken-xlsx = The XLSX workbook cannot be read: save it in Excel again.
import-unknown-format = This is neither XLSX nor CSV.
import-wrong-encoding = The encoding does not fit: save the list as XLSX or as CSV UTF-8.
import-broken-row = From here on the file is not valid CSV: check the quotes.
import-wrong-number-of-cells = The row has not as many cells as the header.
import-control-character = The cell holds a character that is not allowed.
import-too-long = The cell is too long.
import-too-many-rows = The list has too many rows.
import-missing-column = A column is missing.
import-not-yours-to-link = This parent has an account already: the administrator or the deputy links the child.
import-unknown-group = The year has no such class or group.
import-ambiguous-group = The year has several groups of this name.
import-unknown-subject = The school has no such subject.
import-bad-weekday = A weekday is written like Пн or понедельник, up to Saturday.
import-bad-number = The number of a lesson is 0 to 12.
import-place-taken = Further up the group has another lesson at that place.
import-in-the-past = A timetable holds from today on at the earliest.
import-duplicate-column = The column is there twice.
import-missing-value = The cell must not be blank.
import-unknown-school = There is no such school.
import-no-school-year = The school has no school year for today or later: create it first.
import-bad-class-name = A class is written like 5А, grade 1 to 11.
import-bad-date = A date is written like 01.09.2015, and the age must be that of a student.
import-bad-phone = A phone is written like +7 912 345-67-89, one in a cell.
import-bad-email = An address is written like name@example.ru, one in a cell.
import-bad-snils = A SNILS is written like 112-233-445 95. Check the digits: the check number is wrong.
import-bad-name = A name is written like Иванова Мария Сергеевна.
import-bad-login = A login has 3 to 90 characters and no spaces.
import-duplicate-login = The same login stands further up.
import-duplicate-student = The same student stands further up.
import-two-class-teachers = Further up the class has another class teacher.
import-login-of-another-student = This login belongs to a student of another name.
import-ambiguous-student = The school has a student of this name: give the birth date or the login.
import-ambiguous-parent = The child has several parents of this name: give the SNILS.
import-unknown-teacher = The school has no teacher of this login or full name.
import-ambiguous-teacher = Several teachers have this name: give the login.
import-snils-taken = This SNILS belongs to another person.
import-snils-differs = The diary holds another SNILS of this person.
import-snils-of-another-person = This SNILS stands beside another name.
import-contradiction = The data changed while the file was being taken. Send it again.
import-not-your-class = You do not lead this class: the administrator or the deputy imports it.
import-student-of-another-class = The student is in another class or has left: the administrator or the deputy moves them.
import-not-yours-to-appoint = Another class teacher is appointed by the administrator or the deputy.

# Sheets of credentials, printed and cut into slips.

sheet-title = Signing in to the diary, { $class }
sheet-heading = { $school } · class { $class }
sheet-student = For the student
sheet-parent = { $count ->
    [1] For a parent. Child: { $children }
   *[other] For a parent. Children: { $children }
}
sheet-code = For a parent: this child's code
sheet-login = Login
sheet-password = One-time password
sheet-attach-code = Code
sheet-first-login = The password is valid until { $until }. At the first sign-in set your own and tell it to nobody.
sheet-attach = The code is valid until { $until } and works once. Sign in to the app and attach the child by it. If you have no login yet, ask the school for one.
sheet-app = App: { $address }
sheet-support = Help: { $contacts }
