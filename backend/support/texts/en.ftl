# Mails of support. Nothing of the request goes into the mail with the code: the address may be a stranger's.

confirm-subject = My Diary: request { $number }, confirmation code
confirm =
    Somebody gave this address in request { $number } to the support of My Diary.

    If it was you, enter the code { $code } in the app: then the answer comes here. The code is good for 7 days.
    If it was not you, do nothing: no more mail will come.

changed-subject = My Diary: request { $number }, { $state ->
    [in-progress] in the works
    [waiting] waiting for you
    [answered] answered
    [closed] closed
   *[other] changed
}
changed =
    Request { $number }: { $state ->
        [in-progress] in the works
        [waiting] waiting for you
        [answered] answered
        [closed] closed
       *[other] changed
    }.
footer =
    Do not answer this mail: nobody will read it.
footer-account =
    You can write more in the app, in the same request.
footer-contact =
    Support: { $contact }
