"""Reads one PDF in a process of its own: `python -m paperbot.pdf_reader`.

Limits come as JSON in the first argument, the PDF on stdin; the answer is one JSON object on stdout.

Everything whose time or memory can grow with a PDF happens here, under limits that this process sets for
itself. It imports nothing else of the bot, and nothing but this process ever imports pypdfium2.
"""
