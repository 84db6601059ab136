"""Step 3, Check: what was found in the table with its fixes, the classes, the lengths, and the rows to be edited."""
