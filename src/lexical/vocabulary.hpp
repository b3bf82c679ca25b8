// TF-IDF over words (docs/method.md, 3.2 Words): which terms count, how much, and texts as unit vectors of them.
//
//   weight of a term in a text = (1 + ln tf) * (ln((1 + N) / (1 + df)) + 1), then the text's vector at unit length
//
// N = documents fitted on, df = those that hold the term. Terms in fewer than `min_documents` or in more than
// `max_document_share` of the documents do not count. Fit on item-side documents only: a held-out review is out of the
// sums AND of df.
//
// Two ways in, equal results:
//  - VocabularyBuilder, for streams read twice (texts are not kept; memory grows with distinct terms alone):
//      VocabularyBuilder builder(tokenizer); builder.add(text)...; Vocabulary v = builder.build(options);
//      then v.vector(text) in the second pass.
//  - TermCorpus, where texts must be looked at again without a second pass (a few reviews of one item) or refitted on
//    subsets (folds): about 2 bytes for each distinct term of a document.
//      TermCorpus corpus(tokenizer); corpus.add(text)...; Vocabulary v = corpus.fit(options, held_out);
//      SparseMatrix x = corpus.vectors(v);             all at once, or
//      CorpusVectors x(corpus, v);                     each when it is asked for
//
// Term indexes are the byte order of the terms, so they do not depend on the order of the documents.
// Thread-safety: const use from any thread; adding from one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/term_counts.hpp"
#include "lexical/term_table.hpp"
#include "lexical/word_tokenizer.hpp"
#include "persona4rec/json.hpp"
#include "persona4rec/words.hpp"

namespace persona4rec {

// The options as meta files hold them: {"stop_words", "min_documents", "max_document_share"}. A list of the user's own
// is told by its words' hash ("sha256:..."), never by its path. Throws as StopWords::resolve.
[[nodiscard]] Json to_json(const WordOptions& options);

class Vocabulary {
 public:
  Vocabulary() = default;

  [[nodiscard]] std::size_t size() const { return idf_.size(); }
  [[nodiscard]] std::string_view term(std::uint32_t index) const { return terms_.term(index); }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view term) const { return terms_.find(term); }
  [[nodiscard]] double idf(std::uint32_t index) const { return idf_[index]; }
  [[nodiscard]] std::uint64_t document_frequency(std::uint32_t index) const { return df_[index]; }
  [[nodiscard]] std::uint64_t documents() const { return documents_; }
  [[nodiscard]] const WordTokenizer& tokenizer() const { return tokenizer_; }

  // Calls take(index) with every term of the text in its order, repeats too.
  template <class Take>
  void for_each_term(std::string_view text, Take&& take) const {
    WordTokenizer::for_each_word(text, [&](std::string_view word) {  // stop words are no terms
      if (const auto term = terms_.find(word)) take(*term);
    });
  }

  // The text's unit vector; empty when it holds no term of the vocabulary.
  [[nodiscard]] SparseVector vector(std::string_view text) const;
  // The same from counts whose `term` is an index of this vocabulary. REQUIRES: terms strictly increasing.
  [[nodiscard]] SparseVector vector(std::span<const TermCount> counts) const;

 private:
  friend Vocabulary make_vocabulary(const TermTable&, std::span<const std::uint32_t>, std::uint64_t, const WordOptions&,
                                    const WordTokenizer&);
  WordTokenizer tokenizer_;
  TermTable terms_;
  std::vector<double> idf_;
  std::vector<std::uint32_t> df_;
  std::uint64_t documents_ = 0;
};

class VocabularyBuilder {
 public:
  explicit VocabularyBuilder(WordTokenizer tokenizer) : tokenizer_(std::move(tokenizer)) {}
  void add(std::string_view document);
  [[nodiscard]] std::uint64_t documents() const { return documents_; }
  // Throws Error kUsage for options out of range.
  [[nodiscard]] Vocabulary build(const WordOptions& options) const;

 private:
  WordTokenizer tokenizer_;
  TermTable terms_;                       // stop words too: each is looked up as such once
  std::vector<std::uint32_t> df_;         // [terms] of stop words: 0
  std::vector<std::uint64_t> last_seen_;  // [terms] the last document (1-based) that held the term
  std::uint64_t documents_ = 0;
};

class TermCorpus {
 public:
  explicit TermCorpus(WordTokenizer tokenizer) : tokenizer_(std::move(tokenizer)) {}

  // Returns the document's index.
  std::size_t add(std::string_view document);
  [[nodiscard]] std::size_t size() const { return counts_.size(); }

  // Fitted on the documents whose byte in `held_out` is 0; empty = on all. REQUIRES: held_out empty or size() long.
  // Throws Error kUsage for options out of range.
  [[nodiscard]] Vocabulary fit(const WordOptions& options, std::span<const std::uint8_t> held_out = {}) const;

  // Every document (held-out ones too) as a unit row over `vocabulary`.
  [[nodiscard]] SparseMatrix vectors(const Vocabulary& vocabulary) const;

  // One document a group, made of the documents of that group that are not held out (an item's reviews as one text);
  // groups without documents become empty ones. REQUIRES: group[i] < groups, size() of them; held_out as in fit().
  [[nodiscard]] TermCorpus merged(std::span<const std::uint32_t> group, std::size_t groups,
                                  std::span<const std::uint8_t> held_out = {}) const;

 private:
  friend class CorpusVectors;
  WordTokenizer tokenizer_;
  TermTable terms_;
  TermCounts counts_;
};

// The documents of a corpus as unit rows over a vocabulary, each made when it is asked for: 4 bytes for each term that
// the corpus knows, none for a document. Equal to TermCorpus::vectors.
class CorpusVectors {
 public:
  CorpusVectors() = default;
  // REQUIRES: `corpus` outlives the object and gets no further document.
  CorpusVectors(const TermCorpus& corpus, Vocabulary vocabulary);

  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }
  [[nodiscard]] std::size_t rows() const { return corpus_ == nullptr ? 0 : corpus_->size(); }
  [[nodiscard]] SparseVector row(std::size_t document) const;

 private:
  const TermCorpus* corpus_ = nullptr;
  Vocabulary vocabulary_;
  std::vector<std::uint32_t> index_of_;  // [terms of the corpus] in the vocabulary
};

}  // namespace persona4rec
