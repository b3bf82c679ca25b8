// What a cache says about itself: provenance of the whole, cache_meta.json in each folder (published keys and ours),
// and the build id that ties the four folders together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "cache/cache_folders.hpp"
#include "io/provenance.hpp"
#include "persona4rec/cache.hpp"
#include "profiles/interaction_rows.hpp"
#include "records/profile_text.hpp"

namespace persona4rec {

class CacheFacts {
 public:
  // Checks options and head against each other. Throws Error kUsage, kInput.
  CacheFacts(const CacheOptions& options, const ProfileText& texts, TextEncoder& encoder, const EncoderHead* head);

  void input(const char* role, const std::filesystem::path& path, const std::string& sha256);
  void settings(const SplitOptions& split);
  // The head against the contract in its folder. Throws Error kInput with the reasons unless forced.
  void check_contract(const InteractionRows& rows);
  // The targets file does not follow from the history. Throws Error kInput unless forced.
  void refuse_targets(const std::filesystem::path& targets, std::uint64_t missing, std::uint64_t unknown) const;
  // Encoder, head and 4_selected_personas: after the 3.5 files, whose refusals say more.
  void finish_inputs();

  void write_folder_metas(const CacheFolders& folders, const CacheReport& report) const;
  void write(const std::filesystem::path& artifact, const std::string& sha256, const CacheReport& report);

 private:
  [[nodiscard]] Json option_facts() const;
  [[nodiscard]] std::string build_id() const;
  [[nodiscard]] Json common_meta() const;

  const CacheOptions& options_;
  const ProfileText& texts_;
  std::size_t dimensions_;
  std::string encoder_fingerprint_;
  std::string head_fingerprint_;   // empty = no head
  std::optional<Json> weights_;    // fitted with the head
  Json contract_;                  // {alpha, settings, terms}; null = no head, or one without a contract
  Json breaches_ = Json::array();  // reasons that --force passed over
  bool leaks_ = false;
  Provenance provenance_;
};

}  // namespace persona4rec
