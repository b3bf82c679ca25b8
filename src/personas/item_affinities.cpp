#include "personas/item_affinities.hpp"

#include <algorithm>
#include <utility>

#include "base/bulk/sort_distinct.hpp"
#include "records/affinities.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kAlikeItems = 3;

// Of all reviews that the persona stands on.
template <class Reviewers>
std::vector<std::uint32_t> supporters(const Persona& persona, const Reviewers& reviewers) {
  std::vector<std::uint32_t> users;
  for (const auto& id : persona.support) {
    const auto [first, last] = reviewers.equal_range(id);
    for (auto at = first; at != last; ++at) users.push_back(at->second);
  }
  sort_distinct(users);
  return users;
}

}  // namespace

ItemAffinities::ItemAffinities(ItemReviews& items)
    : items_(items), counts_(items.data(), items.split(), items.titles()) {}

ItemAffinities::Reviewers ItemAffinities::reviewers(std::size_t item) const {
  const auto& data = items_.data();
  Reviewers reviewers;
  reviewers.reserve(items_.review_count(item));
  for (std::size_t i = 0; i < items_.review_count(item); ++i) {
    const auto interaction = items_.interaction(item, i);
    reviewers.emplace(data.review(interaction), data[interaction].user);
  }
  return reviewers;
}

void ItemAffinities::add_to(std::vector<Persona>& personas, std::size_t item) {
  const auto counts_supporters = [](const Persona& persona) {
    return persona.affinities.empty() && !persona.support.empty();
  };
  const auto reviewers_of_item = std::ranges::any_of(personas, counts_supporters) ? reviewers(item) : Reviewers();
  const auto own = static_cast<std::uint32_t>(item);
  for (auto& persona : personas) {
    if (!persona.affinities.empty()) continue;
    if (!persona.support.empty()) {
      add(persona, supporters(persona, reviewers_of_item), {own});
      continue;
    }
    std::vector<std::uint32_t> users;
    for (const auto other : alike(item)) {
      persona.affinity_from.push_back(items_.data().items()[other]);
      const auto likers = counts_.likers(other);
      users.insert(users.end(), likers.begin(), likers.end());
    }
    sort_distinct(users);
    add(persona, std::move(users), {own});
  }
}

void ItemAffinities::add(Persona& persona, std::vector<std::uint32_t> users, std::vector<std::uint32_t> about) {
  persona.affinity_counts = counts_.count(users, about);
  persona.affinities = counted_affinities(persona.affinity_counts);
  if (persona.affinity_counts.empty()) persona.affinity_from.clear();
}

std::vector<std::uint32_t> ItemAffinities::alike(std::size_t item) {
  return alike_items().nearest(items_.metadata_text(item), kAlikeItems);
}

// Only items that somebody liked can say what people like.
AlikeItems& ItemAffinities::alike_items() {
  if (alike_) return *alike_;
  VocabularyBuilder words{WordTokenizer(StopWords::resolve("english"))};
  const auto reviewed = items_.data().items().size();
  for (std::uint32_t item = 0; item < reviewed; ++item) {
    if (!counts_.likers(item).empty()) words.add(items_.metadata_text(item));
  }
  metadata_ = words.build({.min_documents = 1, .max_document_share = 1});
  auto& alike = alike_.emplace(metadata_);
  for (std::uint32_t item = 0; item < reviewed; ++item) {
    if (!counts_.likers(item).empty()) alike.add(item, items_.metadata_text(item));
  }
  return alike;
}

}  // namespace persona4rec
