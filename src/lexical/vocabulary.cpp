#include "lexical/vocabulary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr auto kNoTerm = std::numeric_limits<std::uint32_t>::max();
constexpr auto kNeverCounted = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kBytesOfWord = 4;  // at least, spaces included, of most texts

void check(const WordOptions& options) {
  if (options.min_documents < 1) throw usage_error("a term must be in at least 1 document: min_documents is 0");
  if (!(options.max_document_share > 0) || options.max_document_share > 1) {
    throw usage_error("the largest share of documents that hold a term must be above 0 and at most 1");
  }
}

// Sorts counts by term and adds up those of one term.
void merge_counts(std::vector<TermCount>& counts) {
  std::ranges::sort(counts, {}, &TermCount::term);
  std::size_t kept = 0;
  for (const TermCount& next : counts) {
    if (kept > 0 && counts[kept - 1].term == next.term) {
      counts[kept - 1].count += next.count;
    } else {
      counts[kept++] = next;
    }
  }
  counts.resize(kept);
}

}  // namespace

Json to_json(const WordOptions& options) {
  const auto shipped = StopWords::shipped_languages();
  const bool named = options.stop_words == "none" || std::ranges::find(shipped, options.stop_words) != shipped.end();
  return {{"stop_words", named ? options.stop_words : "sha256:" + StopWords::resolve(options.stop_words).sha256()},
          {"min_documents", options.min_documents},
          {"max_document_share", options.max_document_share}};
}

// `df` is by the numbers of `table`.
Vocabulary make_vocabulary(const TermTable& table, std::span<const std::uint32_t> df, std::uint64_t documents,
                           const WordOptions& options, const WordTokenizer& tokenizer) {
  check(options);
  const double most = options.max_document_share * static_cast<double>(documents);
  std::vector<std::uint32_t> kept;
  for (std::uint32_t i = 0; i < df.size(); ++i) {
    if (df[i] >= options.min_documents && static_cast<double>(df[i]) <= most) kept.push_back(i);
  }
  std::ranges::sort(kept, {}, [&](std::uint32_t i) { return table.term(i); });

  Vocabulary vocabulary;
  vocabulary.tokenizer_ = tokenizer;
  vocabulary.documents_ = documents;
  for (const std::uint32_t i : kept) {
    vocabulary.terms_.intern(table.term(i));
    vocabulary.df_.push_back(df[i]);
    vocabulary.idf_.push_back(std::log((1.0 + static_cast<double>(documents)) / (1.0 + static_cast<double>(df[i]))) +
                              1.0);
  }
  return vocabulary;
}

SparseVector Vocabulary::vector(std::span<const TermCount> counts) const {
  std::vector<double> weights;
  weights.reserve(counts.size());
  double squares = 0;
  for (const auto& [term, count] : counts) {
    weights.push_back((count == 1 ? 1.0 : 1.0 + std::log(static_cast<double>(count))) * idf_[term]);
    squares += weights.back() * weights.back();
  }
  SparseVector out;
  out.terms.reserve(counts.size());
  out.weights.reserve(counts.size());
  const double length = std::sqrt(squares);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    out.terms.push_back(counts[i].term);
    out.weights.push_back(static_cast<float>(weights[i] / length));
  }
  return out;
}

SparseVector Vocabulary::vector(std::string_view text) const {
  std::vector<TermCount> counts;
  for_each_term(text, [&](std::uint32_t term) { counts.push_back({term, 1}); });
  merge_counts(counts);
  return vector(counts);
}

void VocabularyBuilder::add(std::string_view document) {
  ++documents_;
  WordTokenizer::for_each_word(document, [&](std::string_view word) {
    const std::uint32_t term = terms_.intern(word);
    if (term == df_.size()) {
      df_.push_back(0);
      last_seen_.push_back(tokenizer_.stop_words().contains(word) ? kNeverCounted : 0);
    }
    if (last_seen_[term] >= documents_) return;
    last_seen_[term] = documents_;
    ++df_[term];
  });
}

Vocabulary VocabularyBuilder::build(const WordOptions& options) const {
  return make_vocabulary(terms_, df_, documents_, options, tokenizer_);
}

std::size_t TermCorpus::add(std::string_view document) {
  std::vector<TermCount> counts;
  counts.reserve(document.size() / kBytesOfWord);
  tokenizer_.for_each(document, [&](std::string_view token) { counts.push_back({terms_.intern(token), 1}); });
  merge_counts(counts);
  counts_.append(counts);
  return size() - 1;
}

TermCorpus TermCorpus::merged(std::span<const std::uint32_t> group, std::size_t groups,
                              std::span<const std::uint8_t> held_out) const {
  std::vector<std::uint32_t> members;
  for (std::uint32_t i = 0; i < size(); ++i) {
    if (held_out.empty() || held_out[i] == 0) members.push_back(i);
  }
  std::ranges::sort(members, {}, [&](std::uint32_t i) { return std::pair(group[i], i); });

  TermCorpus out(tokenizer_);
  out.terms_ = terms_;
  std::vector<TermCount> counts;
  auto member = members.begin();
  for (std::uint32_t g = 0; g < groups; ++g) {
    counts.clear();
    for (; member != members.end() && group[*member] == g; ++member) counts_.read(*member, counts);
    merge_counts(counts);
    out.counts_.append(counts);
  }
  return out;
}

Vocabulary TermCorpus::fit(const WordOptions& options, std::span<const std::uint8_t> held_out) const {
  std::vector<std::uint32_t> df(terms_.size(), 0);
  std::uint64_t documents = 0;
  std::vector<TermCount> counts;
  for (std::size_t i = 0; i < size(); ++i) {
    if (!held_out.empty() && held_out[i] != 0) continue;
    ++documents;
    counts.clear();
    counts_.read(i, counts);
    for (const auto& count : counts) ++df[count.term];
  }
  return make_vocabulary(terms_, df, documents, options, tokenizer_);
}

SparseMatrix TermCorpus::vectors(const Vocabulary& vocabulary) const {
  const CorpusVectors vectors(*this, vocabulary);
  SparseMatrix rows;
  for (std::size_t i = 0; i < size(); ++i) rows.append(vectors.row(i));
  return rows;
}

CorpusVectors::CorpusVectors(const TermCorpus& corpus, Vocabulary vocabulary)
    : corpus_(&corpus), vocabulary_(std::move(vocabulary)), index_of_(corpus.terms_.size()) {
  for (std::uint32_t i = 0; i < index_of_.size(); ++i) {
    index_of_[i] = vocabulary_.find(corpus.terms_.term(i)).value_or(kNoTerm);
  }
}

SparseVector CorpusVectors::row(std::size_t document) const {
  std::vector<TermCount> counts;
  corpus_->counts_.read(document, counts);
  for (auto& count : counts) count.term = index_of_[count.term];
  std::erase_if(counts, [](const TermCount& count) { return count.term == kNoTerm; });
  std::ranges::sort(counts, {}, &TermCount::term);
  return vocabulary_.vector(counts);
}

}  // namespace persona4rec
