from django.db import migrations

from veta.storage.logged import logged


class Migration(migrations.Migration):
    dependencies = [("mayor", "0001_tables"), ("transparency", "0004_acts")]

    operations = [
        logged("mayor_seat"),
        logged("mayor_seatdecision", "seat_id"),
        logged("mayor_seatend", "seat_id"),
    ]
