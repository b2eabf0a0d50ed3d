"""The call for operators, pure: procedure, timetable, requirements, verdicts, lists. No database and no clock."""
