#include "rerank/scorer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "matching/fusion.hpp"
#include "matching/half_dot.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// So far ahead are vectors of personas and words of items fetched.
constexpr std::size_t kRowsAhead = 4;
constexpr std::size_t kWordsAhead = 2;

bool is_missing(std::span<const Half> row) {
  return std::all_of(row.begin(), row.end(), [](Half value) { return (value & 0x7FFFU) == 0; });
}

// Vectors and words were checked for size alone; a term beyond the vocabulary means broken bytes.
void check_term(std::uint32_t term, std::size_t terms, const ServingCache& cache) {
  if (term >= terms)
    throw input_error({.file = cache.folder().string()}, "word vectors are broken: run `persona4rec cache` again");
}

}  // namespace

ChannelWeights channel_weights(const FusionWeights& weights) {
  ChannelWeights by_channel{};
  for (std::size_t c = 0; c < kChannels; ++c) by_channel.at(c) = weights.*kWeightNames.at(c).second;
  return by_channel;
}

Scorer::Scorer(const ServingCache& cache, const FusionWeights& weights, double alpha)
    : cache_(cache),
      weights_(channel_weights(weights)),
      persona_scorer_(alpha),
      user_vector_(cache.dimensions()),
      user_terms_(cache.terms(), 0.0F) {}

const ListScores& Scorer::score(const CandidateRow& list) {
  view_list(list, view_);
  return score(view_);
}

const ListScores& Scorer::score(const PlainList& list) {
  start(list);
  base_channel(list);
  if (weights_[kWordsChannel] != 0 || weights_[kPersonaWordsChannel] != 0) words_channels();
  if (weights_[kPersonaChannel] != 0) dense_channel(cache_.frozen(), out_.channels[kPersonaChannel]);
  if (weights_[kHeadChannel] != 0) dense_channel(cache_.head(), out_.channels[kHeadChannel]);
  fuse();
  return out_;
}

void Scorer::start(const PlainList& list) {
  const std::size_t n = list.items.size();
  for (std::size_t c = 0; c < kChannels; ++c) {
    auto& channel = out_.channels[c];
    channel.on = weights_[c] != 0;
    channel.value.assign(n, kNoValue);
    channel.z.assign(n, 0.0);
  }
  out_.fixed.assign(n, 0);
  out_.persona.assign(n, kNoPersona);
  out_.persona_score.assign(n, 0.0);
  out_.score.assign(n, 0.0);
  out_.user = cache_.find_user(list.user);
  out_.has_profile = out_.has_words = out_.base_from_ranks = false;
  out_.items_unknown = 0;
  items_.assign(n, nullptr);
  for (const auto& item : list.items) cache_.fetch_item(item.id);
  for (std::size_t i = 0; i < n; ++i) {
    out_.fixed[i] = list.items[i].is_pad() ? 1 : 0;
    if (out_.fixed[i] != 0) continue;
    items_[i] = cache_.find_item(list.items[i].id);
    out_.items_unknown += items_[i] == nullptr ? 1 : 0;
  }
  rows_.clear();
  for (const auto* item : items_) {
    if (item == nullptr) continue;
    for (std::uint32_t k = item->personas.first; k < item->personas.end(); ++k) rows_.push_back(k);
  }
  if (!rows_.empty()) rows_.insert(rows_.end(), kRowsAhead, rows_.back());
}

// Scores of a list in which one is missing or infinite cannot be compared: then ranks speak for all of it.
void Scorer::base_channel(const PlainList& list) {
  auto& value = out_.channels[kBaseChannel].value;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (out_.fixed[i] == 0 && !std::isfinite(list.items[i].score.value_or(kNoValue))) out_.base_from_ranks = true;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (out_.fixed[i] == 0)
      value[i] = out_.base_from_ranks ? rank_score(i + 1) : list.items[i].score.value_or(kNoValue);
  }
}

// Both sparse channels: the user's words are spread out once.
void Scorer::words_channels() {
  if (!out_.user) return;
  const auto user = cache_.user_words().row(*out_.user);
  out_.has_words = !user.empty();
  if (!out_.has_words) return;
  for (std::size_t t = 0; t < user.size(); ++t) {
    check_term(user.terms[t], user_terms_.size(), cache_);
    user_terms_[user.terms[t]] = user.weights[t];
  }
  if (weights_[kWordsChannel] != 0) multiply_words(cache_.item_words(), out_.channels[kWordsChannel].value);
  if (weights_[kPersonaWordsChannel] != 0) {
    multiply_words(cache_.item_persona_words(), out_.channels[kPersonaWordsChannel].value);
  }
  for (const auto term : user.terms) user_terms_[term] = 0;
}

void Scorer::multiply_words(const MappedSparseMatrix& words, std::vector<double>& value) const {
  for (const auto* item : items_) {
    if (item != nullptr) words.fetch_place(item->words_row);
  }
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (i + kWordsAhead < items_.size() && items_[i + kWordsAhead] != nullptr) {
      words.fetch(items_[i + kWordsAhead]->words_row);
    }
    if (items_[i] == nullptr) continue;
    const auto item = words.row(items_[i]->words_row);
    if (item.empty()) continue;
    double sum = 0;
    for (std::size_t t = 0; t < item.size(); ++t) {
      check_term(item.terms[t], user_terms_.size(), cache_);
      sum += static_cast<double>(user_terms_[item.terms[t]]) * static_cast<double>(item.weights[t]);
    }
    value[i] = sum;
  }
}

// While one row is multiplied, a later one of the list is fetched, of whichever candidate.
void Scorer::dense_channel(const DenseChannel& dense, ListScores::Channel& channel) {
  if (!out_.user || is_missing(dense.users.row(*out_.user))) return;
  out_.has_profile = true;
  const auto user = dense.users.row(*out_.user);
  widen_halves(user.data(), user_vector_.data(), user.size());
  std::size_t at = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i] == nullptr) continue;
    const auto match = persona_scorer_.match(items_[i]->personas, [&](std::uint32_t k) {
      return dense.personas.similarity(k, user_vector_, rows_[kRowsAhead + at++]);
    });
    if (!match) continue;
    channel.value[i] = match->score;
    out_.persona[i] = static_cast<std::uint32_t>(match->best);
    out_.persona_score[i] = match->score;
  }
}

void Scorer::fuse() {
  for (std::size_t c = 0; c < kChannels; ++c) {
    auto& channel = out_.channels[c];
    if (!channel.on) continue;
    standardize(channel.value, channel.z);
    add_channel(channel.z, weights_[c], out_.score);
  }
  const bool base_alone =
      std::all_of(weights_.begin() + kWordsChannel, weights_.end(), [](double w) { return w == 0; });
  if (out_.has_profile || out_.has_words || base_alone) {
    out_.order = order_by_score(out_.score, out_.fixed);
  } else {
    out_.order.resize(out_.score.size());
    std::iota(out_.order.begin(), out_.order.end(), 0U);
  }
  score_fixed();
}

// A fixed candidate gets the score of the one before it (at the start: of the first that has one), so that a tool that
// sorts by score leaves it where it is.
void Scorer::score_fixed() {
  const auto& order = out_.order;
  const auto free = std::find_if(order.begin(), order.end(), [&](auto i) { return out_.fixed[i] == 0; });
  double before = free == order.end() ? 0 : out_.score[*free];
  for (const auto i : order) {
    if (out_.fixed[i] != 0) out_.score[i] = before;
    before = out_.score[i];
  }
}

}  // namespace persona4rec
