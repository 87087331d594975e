"""The guide: what each page is for, in Vietnamese, shown beside the page and all together as one printable text."""
