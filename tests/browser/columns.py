"""Text that stands in a column too narrow to be read, a word per line or a letter; on pages of ours, not Django's."""

# The narrowest column of text, in its own letters' size. Numbers in tables of figures have headings that are narrower.
NARROWEST = 6
# Text of more than two lines, none of which is as wide as that. What only screen readers read takes a pixel.
TOO_NARROW = f"""() => {{
    const faults = [];
    for (const element of document.querySelectorAll("main#main *, .notice *")) {{
        const ownText = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (!ownText.length || element.closest("svg, select, .hidden, .figures, [hidden]")) continue;
        const head = element.closest("thead");
        if (head && getComputedStyle(head).position === "absolute") continue;
        // Of the text alone: the box of an element within it is no line.
        const boxes = [];
        const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {{
            const range = document.createRange();
            range.selectNodeContents(texts.currentNode);
            boxes.push(...[...range.getClientRects()].filter((box) => box.width > 0));
        }}
        const lines = new Set(boxes.map((box) => Math.round(box.top))).size;
        const widest = Math.max(...boxes.map((box) => box.width)) / parseFloat(getComputedStyle(element).fontSize);
        if (lines > 2 && widest < {NARROWEST})
            faults.push(`${{lines}} lines, ${{widest.toFixed(1)}} em wide: ${{element.outerHTML.slice(0, 120)}}`);
    }}
    return faults;
}}"""
