from django.db import migrations, models

# The back office lists what changed last first; the most usual policy shows a vendor what is the vendor's.


class Migration(migrations.Migration):

    dependencies = [
        ("product", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["vendor", "-id"], name="product_by_vendor"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["-updated_at", "-id"], name="product_by_change"),
        ),
    ]
