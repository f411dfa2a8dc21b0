"""The errors that this package raises on purpose.

```
LemmaError
├── DataError                 a row, file or folder cannot be used (also a ValueError)
├── ConfigError               a setting is unknown, unsupported or contradicts another (also a ValueError)
├── TeacherError              a teacher cannot work at all (a single item that it cannot do is dropped instead)
├── EndpointDownError         an endpoint gives no replies; earlier replies are stored
├── BudgetSpentError          the next call might exceed the budget; earlier replies are stored
├── HubError                  the Hub cannot be reached, refuses a request, or has changed
└── MissingDependencyError    an optional library is not installed (also an ImportError)
```

A message says what was wrong, what was found, and what to do. One bad *item* is no error: it becomes a
[`Dropped`][lemma_hf.records.Dropped] record, is counted, and work goes on.
"""


class LemmaError(Exception):
    """The parent of all errors raised on purpose: catch it to print a message instead of a traceback."""


class DataError(LemmaError, ValueError):
    """The error of a row, file or folder that cannot be used; it names file, line and field where they are known."""


class ConfigError(LemmaError, ValueError):
    """The error of a setting that is unknown, unsupported, or contradicts another."""


class TeacherError(LemmaError):
    """The error of a teacher that cannot work at all, for instance a `ScriptedTeacher` whose script ran out."""


class MissingDependencyError(LemmaError, ImportError):
    """The error of an optional library that is not installed; the message holds the command that installs it."""


class EndpointDownError(LemmaError):
    """The error of an endpoint that gives no replies: no answer, a key it does not know, or no such model."""


class BudgetSpentError(LemmaError):
    """The error of a budget that the next call might exceed; earlier replies are stored."""


class HubError(LemmaError):
    """The error of a Hub that cannot be reached, refuses a request, or has changed since its state was read."""
