"""The files of an audit: tables, workbook and page."""
