from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_import_files")]

    operations = [
        migrations.AddIndex("consentuse", models.Index(fields=["used_by"], name="consent_used_by")),
    ]
