#include "profiles/word_channel.hpp"

#include "matching/word_profile.hpp"

namespace persona4rec {

WordChannel::WordChannel(const InteractionRows& rows, const InteractionTexts& texts,
                         std::span<const std::uint8_t> item_side_of_row, const WordOptions& options)
    : doc_of_row_(rows.rows()), item_of_doc_(rows.rows()), held_out_of_doc_(rows.rows()) {
  for (std::uint32_t doc = 0; doc < rows.rows(); ++doc) {
    const auto row = texts.row_of_doc[doc];
    doc_of_row_[row] = doc;
    item_of_doc_[doc] = rows.item_of_row[row];
    held_out_of_doc_[doc] = item_side_of_row[row] != 0 && texts.has_text_of_row[row] != 0 ? 0 : 1;
  }
  words_of_doc_ = CorpusVectors(texts.corpus, texts.corpus.fit(options, held_out_of_doc_));
}

void WordChannel::make_items(std::size_t items) {
  std::vector<std::vector<std::uint32_t>> docs_of_item(items);
  for (std::uint32_t doc = 0; doc < held_out_of_doc_.size(); ++doc) {
    if (held_out_of_doc_[doc] == 0) docs_of_item[item_of_doc_[doc]].push_back(doc);
  }
  words_of_item_ = item_rows(words_of_doc_, docs_of_item);
}

void WordChannel::make_items(const PersonaTable& personas, const SparseMatrix& words_of_persona) {
  std::vector<std::vector<std::uint32_t>> personas_of_item(personas.items.size());
  for (std::uint32_t k = 0; k < personas.size(); ++k) personas_of_item[personas.item_of_persona[k]].push_back(k);
  words_of_item_ = item_rows(words_of_persona, personas_of_item);
}

void WordChannel::make_persona_items(const PersonaWordTexts& texts, std::size_t items) {
  std::vector<std::vector<std::uint32_t>> docs_of_item(items);
  for (std::uint32_t doc = 0; doc < texts.item_of_doc.size(); ++doc)
    docs_of_item[texts.item_of_doc[doc]].push_back(doc);
  persona_words_of_item_ = item_rows(CorpusVectors(texts.corpus, vocabulary()), docs_of_item);
}

template <class Rows>
SparseMatrix WordChannel::item_rows(const Rows& words,
                                    const std::vector<std::vector<std::uint32_t>>& texts_of_item) const {
  SparseMatrix rows;
  SparseSum sum(vocabulary().size());
  for (const auto& texts : texts_of_item) rows.append(item_words(words, texts, sum));
  return rows;
}

SparseVector WordChannel::user(std::span<const std::uint32_t> liked, const ProfileOptions& options,
                               SparseSum& sum) const {
  std::vector<std::uint32_t> docs;
  docs.reserve(liked.size());
  for (const auto row : liked) docs.push_back(doc_of_row_[row]);
  return user_words(
      WordTables<CorpusVectors>{.docs = &words_of_doc_, .items = &words_of_item_, .item_of_doc = item_of_doc_}, docs,
      options, sum);
}

}  // namespace persona4rec
