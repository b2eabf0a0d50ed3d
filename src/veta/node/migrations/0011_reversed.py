from django.db import migrations, models

STATES = [
    'queued', 'sent', 'held', 'dead', 'accepted', 'pending', 'rejected', 'refused', 'withdrawn', 'lapsed', 'reversed',
    'replaced', 'dismissed',
]


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0010_document_requests'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='outboxitem', name='node_outbox_state_known'),
        migrations.AddConstraint(
            model_name='outboxitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', STATES)), name='node_outbox_state_known'),
        ),
    ]
