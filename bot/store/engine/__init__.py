"""The database itself: transactions, tables, migrations, leases, encryption."""
