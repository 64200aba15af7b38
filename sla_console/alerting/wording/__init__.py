"""The words of the alerts.

::

    composer   from a message to a title and a body that a channel can carry
    facts      what a template may say, outside text made harmless; the list of its names
    fit        cutting to a length without cutting what must stay whole
    sandbox    Jinja2, bounded in what it may do and how long
    sources    where templates are read from, and what one of the user's must look like
    samples    one message of every kind, to try templates with
    check      what is wrong with the user's templates
    templates  the built-in words, one file an event

A user's template has the name of a built-in one and overrides blocks of it: ``title``, ``short``
for SMS and pagers, ``what`` happened, the ``facts``, what ``to_do``, or all of the ``body``. What
it does not override stays as it is, and what it cannot forget is added after it: the tag that
mail programs thread by, the mark of a repeat, the link and the reference.
"""

from sla_console.alerting.wording.check import check_templates
from sla_console.alerting.wording.composer import Composed, Composer

__all__ = ["Composed", "Composer", "check_templates"]
