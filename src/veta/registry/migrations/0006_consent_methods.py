"""A consent by several methods together, and by a call. Rows that stand keep their one method: nothing of them changes.

`method` is made longer, which changes no byte of what is sealed of it (its type stays), and names all the methods.
"""

from django.db import migrations, models
from django.db.models import Q

WITH_CODE = ("code", "voice", "card_pin+code", "card_pin+voice")


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_consent_use")]

    operations = [
        migrations.RemoveConstraint("consentrequest", "consent_method"),
        migrations.RemoveConstraint("consentrequest", "consent_code_is_hashed"),
        migrations.AlterField("consentrequest", "method", models.CharField(max_length=16)),
        migrations.AddConstraint(
            "consentrequest",
            models.CheckConstraint(
                condition=Q(method__in=WITH_CODE, code_hmac__isnull=False)
                | Q(method__in=("card_pin",), code_hmac__isnull=True),
                name="consent_code_is_hashed",
            ),
        ),
        migrations.AddField("consentcheck", "method", models.CharField(max_length=8, null=True)),
        migrations.AddConstraint(
            "consentcheck",
            models.CheckConstraint(
                condition=Q(method__in=("card_pin", "code", "voice")), name="consent_check_method"
            ),
        ),
    ]
