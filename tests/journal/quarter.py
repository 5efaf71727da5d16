"""A full quarter of one class, as it stands in the teachers' journals.

Each line is a lesson's work: date, type (with a star: not counted), and what six students got. A point is nothing, н
is absent, оп7 is seven minutes late, з is a pass, осв is exempt. Beside that: a dot of Е for the control work of 25.11,
which became a three on 04.12; a dot of Б for the answer of 23.12, which the closing of the quarter ended.
"""

STUDENTS = "АБВГДЕ"

MATHEMATICS = """
    02.11 answer        4 . 5   .   3    .
    06.11 homework      5 4 4   3   .    2
    09.11 classwork     . 3 .   4   5    н
    11.11 test          4 3 5   4   4оп7 2
    13.11 homework      4 . 5   .   3    3
    16.11 answer        5 . .   3   .    н
    18.11 practice      4 3 5   з   4    н
    20.11 classwork     . 4 .   .   3    2
    23.11 homework      5 3 5   4   4    .
    25.11 control-work  4 3 5   3   4    н
    27.11 answer        . . 4   .   5    3
    30.11 homework      4 4 5   3   3    2
    02.12 classwork     н 3 .   4   .    .
    04.12 answer        н . 5   .   4    .
    07.12 homework      5 3 5   .   осв  3
    09.12 test          5 3 4   4   3    2
    11.12 classwork     . . .   5   .    3
    14.12 answer        4 3 .   .   4    .
    16.12 homework*     2 2 2   2   2    2
    18.12 laboratory    5 3 5   4   4    3
    21.12 control-work  5 4 5   4   3    3
    23.12 answer        . . .   .   .    4
    25.12 classwork     4 . .   3   .    .
"""

RUSSIAN = """
    03.11 answer        5 4 .   3   .    4
    05.11 homework      4 4 5   .   5    3
    10.11 classwork     . . 5   4   4    н
    12.11 test          3 4 5   4   5    н
    17.11 answer        4 . .   .   4    .
    19.11 homework      . 5 5   3   .    3
    24.11 control-work  4 4 4   3   5    3
    26.11 classwork     5 . .   4   .    .
    01.12 homework      н 4 5   4   5    2
    03.12 answer        н . 4   .   .    4
    08.12 test          4 5 5   3   4оп12 3
    10.12 homework      4 . 5   .   5    3
    15.12 classwork     . 4 .   3   .    .
    17.12 answer        5 . 5   .   4    4
    22.12 control-work  4 4 5   4   5    3
    24.12 homework      5 4 .   4   .    3
"""

# By hand: the sum of mark x weight over the sum of weights; control work and test 4, laboratory and practice 3, answer
# and classwork 2, homework 1. (average; average and rounded of homework, classwork, tests; what is proposed, or what it
# lies between)
MATHEMATICS_SUMS = {
    # 156/35; 23/5, 61/14, 72/16: classwork 4 against homework 5, tests 4.50 alone decide nothing
    "А": ("4.46", ("4.60", 5), ("4.36", 4), ("4.50", 5), ["4", "5"]),
    # 110/34; 14/4, 44/14, 52/16: classwork 3 wins over homework 4, tests agree
    "Б": ("3.24", ("3.50", 4), ("3.14", 3), ("3.25", 3), "3"),
    # 158/33; 24/5, 58/12, 76/16: all three agree
    "В": ("4.79", ("4.80", 5), ("4.83", 5), ("4.75", 5), "5"),
    # 120/32; 10/3, 50/13, 60/16
    "Г": ("3.75", ("3.33", 3), ("3.85", 4), ("3.75", 4), "4"),
    # 138/37; 10/3, 72/18, 56/16: tests round up to the four that classwork says
    "Д": ("3.73", ("3.33", 3), ("4.00", 4), ("3.50", 4), "4"),
    # 83/31, the three that was a dot among them; 10/4, 33/11, 40/16
    "Е": ("2.68", ("2.50", 3), ("3.00", 3), ("2.50", 3), "3"),
}
RUSSIAN_SUMS = {
    # 111/27; 13/3, 38/8, 60/16: tests 4 win over classwork 5
    "А": ("4.11", ("4.33", 4), ("4.75", 5), ("3.75", 4), "4"),
    # 101/24; 17/4, 16/4, 68/16
    "Б": ("4.21", ("4.25", 4), ("4.00", 4), ("4.25", 4), "4"),
    # 124/26; 20/4, 28/6, 76/16
    "В": ("4.77", ("5.00", 5), ("4.67", 5), ("4.75", 5), "5"),
    # 95/27; 11/3, 28/8, 56/16: halves that agree are no halves that decide alone
    "Г": ("3.52", ("3.67", 4), ("3.50", 4), ("3.50", 4), "4"),
    # 115/25; 15/3, 24/6, 76/16: classwork 4 over homework 5, tests 5 over classwork
    "Д": ("4.60", ("5.00", 5), ("4.00", 4), ("4.75", 5), "5"),
    # 74/23; 14/5, 24/6, 36/12
    "Е": ("3.22", ("2.80", 3), ("4.00", 4), ("3.00", 3), "3"),
}

# The mean of the two averages before rounding, and the place: В, А, Д, Б, Г, Е.
RATING = {
    "А": ("4.28", 2), "Б": ("3.72", 4), "В": ("4.78", 1), "Г": ("3.63", 5), "Д": ("4.16", 3), "Е": ("2.95", 6),
}  # fmt: skip
CLASS_AVERAGE = "3.92"

# lessons, missed, excused, unexcused, unexplained, late, late minutes, whole days. А was excused by a notice from 01.12
# to 04.12; of Е's six days the class teacher excused 16.11 to 18.11 and found no excuse for 09.11 and 10.11.
COUNTERS = {
    "А": (39, 4, 4, 0, 0, 0, 0, 4),
    "Д": (39, 0, 0, 0, 0, 2, 19, 0),
    "Е": (39, 6, 2, 2, 2, 0, 0, 6),
}
