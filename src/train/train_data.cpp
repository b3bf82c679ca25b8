#include "train/train_data.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "io/output_target.hpp"
#include "profiles/window_encoder.hpp"
#include "train/frozen_world.hpp"

namespace persona4rec {
namespace {

using TargetKey = std::pair<std::uint32_t, std::uint32_t>;  // user, item

struct TargetKeyHash {
  std::size_t operator()(const TargetKey& key) const noexcept {
    return (std::size_t{key.first} << 32U | key.second) * 0x9E3779B97F4A7C15ULL;
  }
};

class TrainDataReader {
 public:
  TrainDataReader(const TrainOptions& options, const ProfileText& texts, TextEncoder& encoder, Provenance& provenance)
      : options_(options), texts_(texts), encoder_(encoder), provenance_(provenance) {
    data_.persona_rows = InputFile::repeatable(options.persona_with_summary, scratch_folder(options.output));
  }

  TrainData read() {
    data_.dimensions = encoder_.dimensions();
    data_.center = options_.center;
    data_.any_rating = options_.any_rating;
    read_rows();
    provenance_.input("3.5_targets", options_.targets);
    read_personas();
    index_targets();
    read_selected();
    data_.scratch = scratch_folder(options_.output);
    data_.vectors = {data_.rows.rows() * data_.dimensions, data_.scratch};
    data_.texts = read_interaction_texts({data_.rows, *data_.row_texts}, options_.words, encoder_,
                                         data_.vectors.values(), options_.progress);
    if (options_.fit_weights) count_persona_words();
    if (needs_texts()) {
      if (trains_on_texts()) rewrite_personas();
      encode_persona_texts();
    }
    return std::move(data_);
  }

 private:
  JsonlReader open(const InputFile& input) const {
    return JsonlReader(input, {.max_bad_rows = options_.max_bad_rows, .read = {options_.time}});
  }

  void done_reading(const char* role, const std::filesystem::path& path, const JsonlReader& reader) {
    data_.bad_rows += reader.bad_rows();
    provenance_.input(role, path, reader.sha256());
  }

  void read_rows() {
    auto history = read_history({.input = options_.history,
                                 .time = options_.time,
                                 .max_bad_rows = options_.max_bad_rows,
                                 .split = options_.split,
                                 .uid_with_text = false,
                                 .output = options_.output,
                                 .threads = options_.threads},
                                texts_);
    data_.rows = std::move(history.rows);
    data_.row_texts = std::make_shared<const RowSpool>(std::move(history.texts));
    data_.bad_rows += history.bad_rows;
    provenance_.input("3.5_history", options_.history, history.sha256);
    provenance_.settings(split_settings(data_.rows.split.options()));
  }

  void read_personas() {
    auto reader = open(data_.persona_rows);
    data_.personas = read_persona_table(reader, data_.rows);
    done_reading("3.5_persona_with_summary", options_.persona_with_summary, reader);
  }

  void index_targets() {
    for (const auto& target : data_.rows.split.targets()) {
      const auto& interaction = data_.rows.data[target.interaction];
      targets_.emplace(TargetKey{interaction.user, interaction.item}, target);
    }
    for (std::uint32_t k = 0; k < data_.personas.size(); ++k) personas_.emplace(data_.personas.ids[k], k);
  }

  void read_selected() {
    auto reader = open(options_.selected);
    for (SelectedPersonaRow row; reader.next(row); row = {}) take(row, reader.place());
    data_.selected_rows = reader.rows();
    done_reading("4_selected_personas", options_.selected, reader);
  }

  void take(const SelectedPersonaRow& row, const Place& place) {
    const auto target = find_target(row, {place.file, place.line, "target_item_id"});
    const auto persona = personas_.find(PersonaId(row.target_item_id.text() + "_" + row.selected_persona_id));
    if (persona == personas_.end()) {
      ++data_.selected_unknown;
      return;
    }
    data_.selected.push_back({target.interaction, persona->second});
  }

  Target find_target(const SelectedPersonaRow& row, const Place& place) const {
    const auto user = data_.rows.data.find_user(row.user_id);
    const auto item = data_.rows.data.find_item(row.target_item_id);
    const auto found = user && item ? targets_.find({*user, *item}) : targets_.end();
    if (found == targets_.end()) {
      throw input_error(place, "expected a train target of the user \"" + row.user_id.text() + "\", got \"" +
                                   row.target_item_id.text() + "\", which 3.5_targets does not have");
    }
    const auto split = found->second.split;
    if (split == TargetSplit::kValid || split == TargetSplit::kTest) {
      throw input_error(place, "expected a train target, got one of split " + to_string(split) +
                                   ": training on what is evaluated would make every figure worthless");
    }
    return found->second;
  }

  bool trains_on_texts() const {
    return options_.persona_vectors == PersonaVectors::kText || options_.persona_vectors == PersonaVectors::kMix;
  }

  // As in `cache`: where what a persona is to be made of gives no vector, its text stands in.
  bool needs_texts() const {
    const auto kind = options_.persona_vectors;
    if (trains_on_texts()) return data_.personas.size() > 0;
    return kind == PersonaVectors::kSupport ? some_support_has_no_text() : some_readers_have_no_profile();
  }

  bool some_support_has_no_text() const {
    const auto has_text = [&](std::uint32_t row) { return data_.texts.has_text_of_row[row] != 0; };
    for (std::size_t k = 0; k < data_.personas.size(); ++k) {
      const auto support = data_.personas.support.of(k);
      if (std::none_of(support.begin(), support.end(), has_text)) return true;
    }
    return false;
  }

  bool some_readers_have_no_profile() const {
    const FrozenWorld world(data_, data_.vectors.values(), options_.profile, {}, options_.threads);
    std::vector<float> out(data_.dimensions);
    for (std::uint32_t k = 0; k < data_.personas.size(); ++k) {
      if (!world.persona(PersonaVectors::kReaders, k, out)) return true;
    }
    return false;
  }

  void count_persona_words() {
    auto reader = open(data_.persona_rows);
    if (options_.summary.empty()) {
      data_.persona_words = read_persona_words(reader, nullptr, data_.personas, options_.words);
      return;
    }
    const auto summaries = InputFile::repeatable(options_.summary, scratch_folder(options_.output));
    provenance_.input("2_summary", options_.summary, sha256_of(summaries));
    auto summary_rows = open(summaries);
    data_.persona_words = read_persona_words(reader, &summary_rows, data_.personas, options_.words);
  }

  // Of the selected personas that stand on their sample's user.
  void rewrite_personas() {
    if (options_.grouped.empty()) return;
    std::vector<PersonaWithout> wanted;
    for (const auto& target : data_.selected) {
      const auto user = data_.rows.data[target.interaction].user;
      const auto support = data_.personas.support.of(target.persona);
      const auto of_user = [&](std::uint32_t row) { return data_.rows.user_of_row[row] == user; };
      if (std::any_of(support.begin(), support.end(), of_user)) wanted.push_back({target.persona, user});
    }
    const auto grouped = InputFile::repeatable(options_.grouped, scratch_folder(options_.output));
    provenance_.input("2.5_grouped", options_.grouped, sha256_of(grouped));
    data_.rewritten =
        std::make_shared<RewrittenPersonas>(options_, data_.rows, data_.personas, data_.persona_rows, grouped, wanted);
  }

  void encode_persona_texts() {
    data_.persona_texts.resize(data_.persona_text_count() * data_.dimensions);
    WindowEncoder window(encoder_, data_.persona_texts, options_.progress, data_.persona_text_count());
    data_.for_each_persona_text(options_, texts_,
                                [&](std::size_t row, std::string&& text) { window.add(row, std::move(text)); });
    window.finish();
  }

  const TrainOptions& options_;
  const ProfileText& texts_;
  TextEncoder& encoder_;
  Provenance& provenance_;
  TrainData data_;
  std::unordered_map<TargetKey, Target, TargetKeyHash> targets_;
  std::unordered_map<PersonaId, std::uint32_t> personas_;
};

}  // namespace

void TrainData::for_each_persona_text(const TrainOptions& options, const ProfileText& texts,
                                      const std::function<void(std::size_t, std::string&&)>& take) const {
  const JsonlOptions read{.max_bad_rows = options.max_bad_rows, .read = {options.time}};
  JsonlReader reader(persona_rows, read);
  persona4rec::for_each_persona_text(reader, texts, take);
  if (!rewritten) return;
  JsonlReader again(persona_rows, read);
  rewritten->for_each_text(rows, again, texts, [&](std::size_t number, std::string&& text) {
    take(personas.size() + number, std::move(text));
  });
}

TrainData read_train_data(const TrainOptions& options, const ProfileText& texts, TextEncoder& encoder,
                          Provenance& provenance) {
  return TrainDataReader(options, texts, encoder, provenance).read();
}

}  // namespace persona4rec
