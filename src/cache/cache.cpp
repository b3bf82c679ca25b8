#include "persona4rec/cache.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "base/parallel.hpp"
#include "cache/cache_facts.hpp"
#include "cache/cache_files.hpp"
#include "cache/cache_folders.hpp"
#include "cache/cache_tables.hpp"
#include "cache/dense_vectors.hpp"
#include "cache/word_vectors.hpp"
#include "io/cache/cache_names.hpp"
#include "io/cache/embedding_file.hpp"
#include "io/jsonl_reader.hpp"
#include "io/mapped_file.hpp"
#include "io/output_target.hpp"
#include "profiles/history.hpp"
#include "profiles/interaction_texts.hpp"
#include "profiles/persona_table.hpp"
#include "profiles/window_encoder.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

constexpr World kWorlds[] = {World::kValid, World::kTest};

// What a world's users liked, and who liked anything.
struct Liked {
  GroupedRows rows;                  // [users]
  std::vector<std::uint32_t> users;  // in the order of the history
};

class CacheBuild {
 public:
  CacheBuild(const CacheOptions& options, const ProfileText& texts, TextEncoder& encoder, const EncoderHead* head)
      : options_(options),
        texts_(texts),
        encoder_(encoder),
        head_(head),
        facts_(options, texts, encoder, head),
        folders_(options.encodes_only ? nullptr : std::make_unique<CacheFolders>(options.cache)),
        persona_rows_(InputFile::repeatable(options.persona_with_summary, scratch_folder(options.cache))) {}

  CacheReport run() {
    read_rows();
    check_targets();
    read_personas();
    check_ids();
    facts_.finish_inputs();
    ScratchFloats vectors = scratch(rows().rows());
    const auto interaction_texts =
        read_interaction_texts(history_->row_texts(), options_.words, encoder_, vectors.values(), options_.progress);
    report_.encoded = interaction_texts.counts;
    count_rows(interaction_texts);
    DenseVectors dense(options_, rows(), std::move(vectors), personas_.items.size(), head_);
    dense.take_persona_texts(encode_persona_texts(dense.need_text(personas_)));
    if (options_.encodes_only) return report_;
    write(dense, interaction_texts);
    finish();
    return report_;
  }

 private:
  [[nodiscard]] const InteractionRows& rows() const { return history_->rows; }

  JsonlReader open(const InputFile& input, bool may_be_empty = false) const {
    return JsonlReader(
        input, {.max_bad_rows = options_.max_bad_rows, .allow_empty_file = may_be_empty, .read = {options_.time}});
  }

  void done_reading(const char* role, const std::filesystem::path& path, const JsonlReader& reader) {
    report_.bad_rows += reader.bad_rows();
    facts_.input(role, path, reader.sha256());
  }

  void read_rows() {
    history_ = std::make_unique<const History>(read_history({.input = options_.history,
                                                             .time = options_.time,
                                                             .max_bad_rows = options_.max_bad_rows,
                                                             .split = options_.split,
                                                             .uid_with_text = options_.uid_with_text,
                                                             .output = options_.cache,
                                                             .threads = options_.threads},
                                                            texts_));
    report_.bad_rows += history_->bad_rows;
    facts_.input("3.5_history", options_.history, history_->sha256);
    facts_.settings(rows().split.options());
    if (rows().rows() == 0) throw input_error({.file = options_.history.string()}, "holds no interaction to cache");
    facts_.check_contract(rows());
  }

  // The split is decided here again from the history; the targets file must say the same.
  void check_targets() {
    if (options_.targets.empty()) return;
    std::unordered_set<std::string> expected;
    const auto key = [](const UserId& user, const ItemId& item, TargetSplit split) {
      return user.text() + '\n' + item.text() + '\n' + to_string(split);
    };
    for (const auto& target : rows().split.targets()) {
      const auto& interaction = rows().data[target.interaction];
      if (target.split == TargetSplit::kTrain) continue;
      expected.insert(key(rows().data.users()[interaction.user], rows().data.items()[interaction.item], target.split));
    }
    auto reader = open(options_.targets, true);
    std::uint64_t missing = expected.size();
    std::uint64_t unknown = 0;
    for (TargetRow row; reader.next(row); row = {}) {
      if (row.split == TargetSplit::kTrain) continue;
      const bool known = expected.contains(key(row.user_id, row.item_id, row.split));
      known ? --missing : ++unknown;
    }
    done_reading("3.5_targets", options_.targets, reader);
    if (missing + unknown > 0) facts_.refuse_targets(options_.targets, missing, unknown);
  }

  void read_personas() {
    auto reader = open(persona_rows_);
    personas_ = read_persona_table(reader, rows());
    done_reading("3.5_persona_with_summary", options_.persona_with_summary, reader);
    if (!options_.summary.empty()) {
      summaries_ = InputFile::repeatable(options_.summary, scratch_folder(options_.cache));
      facts_.input("2_summary", options_.summary, sha256_of(*summaries_));
    }
    report_.personas = personas_.size();
    report_.support_unknown = personas_.support_unknown;
    report_.support_not_item_side = personas_.support_not_item_side;
    report_.items = personas_.items.size();
    const auto with =
        static_cast<std::uint64_t>(std::count_if(personas_.personas_of_item.begin(), personas_.personas_of_item.end(),
                                                 [](const PersonaRange& range) { return range.count > 0; }));
    report_.items_without_personas = report_.items - with;
  }

  // Before the long work: uids.txt has one id a line (those of interactions are hashes).
  void check_ids() const {
    for (const auto& id : personas_.ids) refuse_line_end(id.text(), cache_names::kUids);
  }

  void count_rows(const InteractionTexts& texts) {
    report_.interactions = rows().data.size();
    report_.rows = rows().rows();
    report_.colliding_uids = rows().colliding;
    report_.rows_without_text = static_cast<std::uint64_t>(
        std::count(texts.has_text_of_row.begin(), texts.has_text_of_row.end(), std::uint8_t{0}));
  }

  // [rows, d], however many they are.
  [[nodiscard]] ScratchFloats scratch(std::size_t rows) const {
    return {rows * encoder_.dimensions(), scratch_folder(options_.cache)};
  }

  // [personas, d] as encoded, zero where `need` is 0; empty when none is needed.
  ScratchFloats encode_persona_texts(const std::vector<std::uint8_t>& need) {
    const auto count = static_cast<std::size_t>(std::count(need.begin(), need.end(), std::uint8_t{1}));
    if (count == 0) return {};
    ScratchFloats vectors = scratch(need.size());
    WindowEncoder window(encoder_, vectors.values(), options_.progress, count);
    auto reader = open(persona_rows_);
    for_each_persona_text(reader, texts_, [&](std::size_t k, std::string&& text) {
      if (need[k] != 0) window.add(k, std::move(text));
    });
    window.finish();
    add_counts(window.counts());
    return vectors;
  }

  void add_counts(const EncodeCounts& counts) {
    report_.encoded.texts += counts.texts;
    report_.encoded.encoded += counts.encoded;
    report_.encoded.tokens += counts.tokens;
    report_.encoded.truncated += counts.truncated;
  }

  // Whose files differ and whose counts too: beside each other.
  void write(const DenseVectors& dense, const InteractionTexts& texts) {
    for (const auto world : kWorlds) {
      auto& of_world = liked(world);
      of_world.rows = rows().liked(world);
      of_world.users = users(of_world.rows);
    }
    const std::function<void()> tasks[] = {[&] { write_dense(dense); }, [&] { write_words(texts); },
                                           [&] { write_tables(); }};
    parallel_ranges(std::size(tasks), 1, options_.threads, [&](std::size_t i, std::size_t /*end*/) { tasks[i](); });
  }

  void write_dense(const DenseVectors& dense) {
    dense.write_interactions(folders_->user_item());
    for (const auto world : kWorlds) {
      dense.write_personas(personas_, world, folders_->item_persona(), report_);
      const auto& [liked_rows, users] = liked(world);
      const auto without = dense.write_profiles(liked_rows, users, world, folders_->user_profile(world));
      (world == World::kValid ? report_.users_without_vector_valid : report_.users_without_vector_test) = without;
      (world == World::kValid ? report_.users_valid : report_.users_test) = users.size();
    }
    const auto& means = dense.means();
    write_npy(folders_->user_item() / cache_names::kMean, means.interactions, 1, dense.dimensions());
    if (!means.personas.empty()) {
      write_npy(folders_->item_persona() / cache_names::kMean, means.personas, 1, dense.dimensions());
    }
  }

  [[nodiscard]] Liked& liked(World world) { return liked_[world == World::kValid ? 0 : 1]; }

  static std::vector<std::uint32_t> users(const GroupedRows& liked) {
    std::vector<std::uint32_t> users;
    for (std::uint32_t user = 0; user < liked.owners(); ++user) {
      if (!liked.of(user).empty()) users.push_back(user);
    }
    return users;
  }

  void write_words(const InteractionTexts& texts) {
    const auto of_personas = persona_words();
    for (const auto world : kWorlds) write_words(texts, of_personas, world);
  }

  void write_words(const InteractionTexts& texts, const PersonaWordTexts& of_personas, World world) {
    WordVectors words(options_, WordChannel(rows(), texts, rows().item_side(world), options_.words), world);
    std::optional<SparseMatrix> persona_texts;
    if (options_.words_from == WordsFrom::kPersonas) {
      persona_texts.emplace();
      auto reader = open(persona_rows_);
      for_each_persona_text(reader, texts_, [&](std::size_t, std::string&& text) {
        persona_texts->append(words.vocabulary().vector(text));
      });
    }
    report_.items_without_words = words.make_items(personas_, persona_texts ? &*persona_texts : nullptr);
    report_.items_without_persona_words = words.make_persona_items(of_personas, personas_.items.size());
    (world == World::kValid ? report_.terms_valid : report_.terms) = words.vocabulary().size();
    words.write_items(folders_->words());
    const auto& [liked_rows, users] = liked(world);
    const auto without = words.write_users(liked_rows, users, folders_->words());
    (world == World::kValid ? report_.users_without_words_valid : report_.users_without_words_test) = without;
  }

  PersonaWordTexts persona_words() {
    auto reader = open(persona_rows_);
    if (!summaries_) return read_persona_words(reader, nullptr, personas_, options_.words);
    auto summaries = open(*summaries_, true);
    return read_persona_words(reader, &summaries, personas_, options_.words);
  }

  void write_tables() {
    write_row_tables(rows(), liked(World::kTest).rows, folders_->user_item());
    write_persona_tables(personas_, rows(), folders_->item_persona());
    for (const auto world : kWorlds) {
      const auto& [liked_rows, users] = liked(world);
      write_user_tables(rows(), liked_rows, users, folders_->user_profile(world));
    }
    auto items = OutputFile::in_folder(folders_->words() / cache_names::kItems);
    for (const auto& item : personas_.items) items.write_row({{"item_id", to_json(item)}});
    items.commit();
  }

  void finish() {
    report_.has_head = head_ != nullptr;
    facts_.write_folder_metas(*folders_, report_);
    const auto sha256 = folders_->sha256(options_.threads);
    folders_->commit([&](const std::filesystem::path& artifact) { facts_.write(artifact, sha256, report_); });
  }

  const CacheOptions& options_;
  const ProfileText& texts_;
  TextEncoder& encoder_;
  const EncoderHead* head_;
  CacheFacts facts_;
  std::unique_ptr<CacheFolders> folders_;  // none where nothing is written; held before any input is waited for
  InputFile persona_rows_;                 // read once for each use
  std::optional<InputFile> summaries_;
  CacheReport report_;
  std::unique_ptr<const History> history_;
  PersonaTable personas_;
  std::array<Liked, std::size(kWorlds)> liked_;
};

}  // namespace

CacheReport build_cache(const CacheOptions& options, const ProfileText& texts, TextEncoder& encoder,
                        const EncoderHead* head) {
  return CacheBuild(options, texts, encoder, head).run();
}

}  // namespace persona4rec
