#include "profiles/interaction_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>
#include <tuple>

namespace persona4rec {
namespace {

// Nothing = no world may use it.
std::optional<RowAccess> access_of(const Split& split, std::size_t interaction) {
  if (split.item_side(interaction)) return RowAccess::kItemSide;
  if (split.in_history(interaction, World::kValid)) return RowAccess::kValid;
  return split.in_history(interaction, World::kTest) ? std::optional(RowAccess::kTest) : std::nullopt;
}

// Of each uid the interaction whose text is used; ascending.
std::vector<std::uint32_t> choose_interactions(const InteractionRows& rows) {
  std::vector<std::uint32_t> used;
  for (std::uint32_t i = 0; i < rows.data.size(); ++i) {
    if (access_of(rows.split, i)) used.push_back(i);
  }
  const auto key = [&](std::uint32_t i) { return std::tuple(rows.uid_of_interaction[i], access_of(rows.split, i), i); };
  std::sort(used.begin(), used.end(), [&](auto a, auto b) { return key(a) < key(b); });
  const auto same = [&](auto a, auto b) { return rows.uid_of_interaction[a] == rows.uid_of_interaction[b]; };
  used.erase(std::unique(used.begin(), used.end(), same), used.end());
  std::sort(used.begin(), used.end());
  return used;
}

// The liked ones of interactions in time order, as rows, newest first.
std::vector<std::uint32_t> liked_rows(const InteractionRows& rows, std::span<const std::uint32_t> oldest_first) {
  std::vector<std::uint32_t> liked;
  for (auto i = oldest_first.rbegin(); i != oldest_first.rend(); ++i) {
    if (rows.split.positive(rows.data, *i)) liked.push_back(rows.row_of_interaction[*i]);
  }
  return liked;
}

}  // namespace

void number_rows(InteractionRows& rows) {
  rows.interaction_of_row = choose_interactions(rows);
  std::vector<std::uint32_t> by_uid(rows.rows());
  std::iota(by_uid.begin(), by_uid.end(), 0U);
  const auto uid_of_row = [&](std::uint32_t row) { return rows.uid_of_interaction[rows.interaction_of_row[row]]; };
  std::sort(by_uid.begin(), by_uid.end(), [&](auto a, auto b) { return uid_of_row(a) < uid_of_row(b); });
  rows.row_of_interaction.assign(rows.data.size(), kNoRow);
  std::uint64_t used = 0;
  for (std::uint32_t i = 0; i < rows.data.size(); ++i) {
    if (!access_of(rows.split, i)) continue;
    ++used;
    rows.row_of_interaction[i] = *std::lower_bound(by_uid.begin(), by_uid.end(), rows.uid_of_interaction[i],
                                                   [&](auto row, auto uid) { return uid_of_row(row) < uid; });
  }
  rows.colliding = used - rows.rows();
  for (const auto i : rows.interaction_of_row) {
    rows.user_of_row.push_back(rows.data[i].user);
    rows.item_of_row.push_back(rows.data[i].item);
    rows.item_side_of_row.push_back(rows.split.item_side(i) ? 1 : 0);
    rows.access_of_row.push_back(access_of(rows.split, i).value_or(RowAccess::kTest));
  }
}

Uid uid_of(const std::string& hex) {
  std::uint64_t bits = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
  return Uid{bits};
}

std::string InteractionRows::uid_text(std::size_t row) const {
  std::array<char, 16> digits{};
  const auto bits = static_cast<std::uint64_t>(uid_of_interaction[interaction_of_row[row]]);
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bits, 16).ptr;
  const auto length = static_cast<std::size_t>(end - digits.data());
  return std::string(digits.size() - length, '0') + std::string(digits.data(), length);
}

GroupedRows InteractionRows::liked(World world) const {
  GroupedRows grouped;
  for (std::uint32_t user = 0; user < data.users().size(); ++user) {
    grouped.append(liked_rows(*this, split.history(user, world)));
  }
  return grouped;
}

namespace {

bool on_item_side(const Split& split, std::size_t interaction, World world) {
  return split.item_side(interaction) || (world == World::kTest && split.in_history(interaction, World::kTest));
}

}  // namespace

std::vector<std::uint8_t> InteractionRows::item_side(World world) const {
  std::vector<std::uint8_t> on(rows());
  for (std::size_t row = 0; row < rows(); ++row) on[row] = on_item_side(split, interaction_of_row[row], world) ? 1 : 0;
  return on;
}

GroupedRows InteractionRows::liked_item_side(World world) const {
  GroupedRows grouped;
  for (std::uint32_t user = 0; user < data.users().size(); ++user) {
    std::vector<std::uint32_t> usable;
    for (const auto i : split.order(user)) {
      if (on_item_side(split, i, world)) usable.push_back(i);
    }
    grouped.append(liked_rows(*this, usable));
  }
  return grouped;
}

}  // namespace persona4rec
