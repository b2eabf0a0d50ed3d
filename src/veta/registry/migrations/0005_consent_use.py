from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_rucom_number")]

    operations = [
        migrations.AddIndex("consentuse", models.Index(fields=["used_by"], name="consent_used_by")),
    ]
