"""Numbers as text. The process that reads a workbook imports it, so nothing else is imported here."""


def write_number(text: str, decimal: str | None) -> str:
    """A number as text, with the decimal sign that is declared for the texts in the file."""
    return text.replace(".", ",") if decimal == "," else text
