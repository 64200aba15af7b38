"""What survives: encrypted SQLite, numbered migrations, a module for each noun."""
