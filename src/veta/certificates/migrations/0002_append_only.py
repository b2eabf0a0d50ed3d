"""The sequence of places in the status lists; tables that only grow, but for three integers under a CHECK."""

from django.db import migrations

from veta.storage.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE certificates_status_seq MINVALUE 0 START 0", "DROP SEQUENCE certificates_status_seq"
        ),
        append_only("certificates_certificate"),
        append_only("certificates_use"),
        append_only("certificates_ending"),
        append_only("certificates_seal"),
        append_only("certificates_cover", frozen=("lot", "kind", "quantity")),
        append_only("certificates_balance", frozen=("certificate_id", "amount")),
        append_only("certificates_series", frozen=("issuer", "kind")),
    ]
