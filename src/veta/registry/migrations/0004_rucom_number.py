from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_import_files")]

    operations = [
        migrations.AddField("registrationversion", "rucom_number", models.CharField(max_length=40, null=True)),
    ]
