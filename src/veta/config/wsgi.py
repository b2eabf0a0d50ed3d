"""The WSGI application that Granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veta.config.settings")

application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - read once Django is set up
from django.utils.module_loading import import_string  # noqa: E402

for _door in settings.DOORS:
    application = import_string(_door)(application)
