from django.db import migrations, models

from veta.storage.logged import logged

# What else of these slices nobody may alter unseen: who was let in and with what, whose data was looked at, which file
# was read, by whose word a price or a mandate stands, where an operator is told of what happened, the log's own keys.
LOGGED = {
    "registry_actorsourcekey": "hmac",
    "registry_card": "id",
    "registry_cardrevocation": "card_id",
    "registry_identitykey": "purpose",
    "registry_importrun": "id",
    "registry_importproposal": "id",
    "registry_importdecision": "proposal_id",
    "registry_mandateproposal": "id",
    "operators_webhook": "id",
    "operators_webhookend": "webhook_id",
    "prices_certificate": "id",
    "veta_site_accessrecord": "id",
    "transparency_log_key": "number",
    "transparency_log_key_retired": "key_id",
}


class Migration(migrations.Migration):
    dependencies = [("transparency", "0004_acts"), ("operators", "0003_webhooks"), ("registry", "0003_import_files")]

    operations = [
        migrations.AddField("sealedrows", "form", models.SmallIntegerField(default=1)),
        *(logged(table, key) for table, key in LOGGED.items()),
    ]
