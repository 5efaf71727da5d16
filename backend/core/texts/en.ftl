# What people read when something cannot be done. The message is `problem-` and the code.

problem-bad-request = The request cannot be understood.
problem-unauthenticated = Sign in again.
problem-wrong-credentials = The login or the password is not right.
problem-session-ended = The session has ended, sign in again.
problem-forbidden = You may not do this.
problem-password-must-be-set = Set a password of your own first.
problem-not-found = There is no such thing.
problem-method-not-allowed = This address does not take that method.
problem-conflict = This contradicts what is already recorded.
problem-installation-taken = This device is registered to somebody else. Install the app anew.
problem-child-already-attached = This child is already in your list.
problem-wrong-code = The code is wrong or has expired. Ask the school for a new one.
problem-idempotency-key-reused = This Idempotency-Key was used for another request.
problem-stale = The record has been changed meanwhile. Now: { $current }.
problem-correction-decided = This request has been decided already.
problem-correction-overtaken = The mark has changed since, or the period is closed. There is nothing left to decide.
problem-period-unchanged = The period is in that state already.
problem-period-not-begun = The period has not begun.
problem-body-too-large = The request is larger than { $limit } bytes.
problem-unsupported-media-type = Expected application/json.
problem-invalid = Check the fields named.
problem-too-many-requests = Too many attempts. Try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
problem-unavailable = The service is briefly unavailable. Try again a little later.
problem-internal = Something broke on the server. We know already.

field-required = is required
field-unknown-field = there is no such field
field-wrong-type = is of the wrong type
field-out-of-range = is outside the allowed range
field-not-one-of = is not one of the allowed values
field-not-json = is not JSON
field-bad-date = there is no such date
field-too-weak = is too simple a password
field-too-obvious = is too easy to guess
field-same-as-before = is the same as before
field-not-in-group = is not in the group on the day of the lesson
field-repeated = appears twice
field-minutes-only-when-late = minutes go with lateness only
field-ends-before-it-begins = ends before it begins
field-in-the-past = is in the past
field-too-far = is too far from today
field-too-long = is too long a time
field-bad-key = must be 32 bytes in base64
field-weak-key = must be 32 random bytes: make a new key
field-key-repeated = is the key of another device: make a new key
field-key-id-taken = names another key of this device: choose a new id
field-unknown-kind = there is no such kind of alert
field-unknown-child = is not a child of yours
field-key-expired = the key has expired or lasts too long
field-unknown-timezone = there is no such time zone
field-before-the-lesson = is before the lesson itself
field-bad-header = the header cannot be understood
field-bad-character = has a character that is not allowed
field-bad-day = the diary has no such day
field-period-closed = the period is closed
field-reason-required = the correction window is over: give a reason, the deputy decides
field-correction-pending = a correction waits for the deputy's decision already
field-only-for-dots = only a dot has a term
field-not-of-this-lesson = this work is not of the lesson
