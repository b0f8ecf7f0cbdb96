"""Tests of the workbook: template, import, export, faults, hostile files, foreign lists."""
