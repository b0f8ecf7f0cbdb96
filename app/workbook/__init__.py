"""The workbook an office keeps: template, import, export, foreign lists."""
