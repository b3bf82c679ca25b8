#!/usr/bin/env python3
"""Writes tests/golden/lexical.json: short texts in several scripts and what scikit-learn's TfidfVectorizer makes of them.

Run from the repository root: python3 scripts/make_lexical_golden.py (needs scikit-learn; made with 1.9.1).
Its sublinear, smoothed, normalised TF-IDF is the formula of docs/method.md, 3.2 Words; it is fitted on the documents
that are not held out and applied to all of them.
"""
import json
import pathlib

from sklearn.feature_extraction.text import TfidfVectorizer

STOP_WORDS = ["the", "and", "is", "of", "das", "die"]
MIN_DOCUMENTS, MAX_SHARE = 2, 0.3
# (text, held out)
DOCUMENTS = [
    ("The guitar, the GUITAR and the drums: a loud, loud record", False),
    ("Café del Mar is a café of calm; calm guitar", False),
    ("Ein Café an der Straße. Die STRASSE, das Café!", False),
    ("Громкая гитара и барабаны, громкая запись", False),
    ("Гитара звучит; ГИТАРА поёт", False),
    ("drums_and_bass 1999 vs. drums_and_bass 2001", False),
    ("1999 was the year of loud guitar records", False),
    ("loud guitar held out; гитара held out", True),
    ("Ψυχή και μουσική, μουσική!", False),
    ("Η μουσική είναι ζωή", False),
    ("", False),
    ("the and is", False),
    ("calm calm calm record, a calm Record", False),
    ("don't you dare: don't", False),
    ("I don't dance, ½ step", False),
    ("noise noise", True),
]


def main():
    fitted = [text for text, held_out in DOCUMENTS if not held_out]
    model = TfidfVectorizer(lowercase=True, token_pattern=r"(?u)\b\w\w+\b", stop_words=STOP_WORDS, sublinear_tf=True,
                            smooth_idf=True, norm="l2", min_df=MIN_DOCUMENTS, max_df=MAX_SHARE)
    model.fit(fitted)
    terms = sorted(model.vocabulary_, key=lambda term: term.encode())
    rows = model.transform([text for text, _ in DOCUMENTS])
    golden = {
        "made_by": "scripts/make_lexical_golden.py",
        "stop_words": STOP_WORDS,
        "min_documents": MIN_DOCUMENTS,
        "max_document_share": MAX_SHARE,
        "documents": [{"text": text, "held_out": held_out} for text, held_out in DOCUMENTS],
        "terms": terms,
        "idf": [model.idf_[model.vocabulary_[term]] for term in terms],
        "vectors": [{term: rows[i, model.vocabulary_[term]] for term in terms if rows[i, model.vocabulary_[term]] > 0}
                    for i in range(len(DOCUMENTS))],
        "cosines": (rows @ rows.T).toarray().tolist(),
    }
    path = pathlib.Path("tests/golden/lexical.json")
    path.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
