// A dataset is data, not code: which raw fields mean what. Filled from [schema.review], [schema.item] and [prompts] of
// configs/<dataset>.toml; no stage knows a dataset by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace persona4rec {

enum class TimeUnit : std::uint8_t {
  kSeconds,
  kMilliseconds,
  kFormat,
  kNone,  // the dataset has no times: the numbers in their place order its reviews and mean nothing else
};

// How raw timestamps are written. Numbers in strings count as numbers.
struct TimeFormat {
  TimeUnit unit = TimeUnit::kMilliseconds;
  std::string format;  // strptime format for kFormat, UTC unless it reads an offset (%z): "%Y-%m-%d %H:%M:%S"
};

// The first and the last time of some rows, in milliseconds since 1970.
struct TimeSpan {
  std::int64_t first_ms = INT64_MAX;
  std::int64_t last_ms = INT64_MIN;

  [[nodiscard]] bool empty() const { return first_ms > last_ms; }
  void add(std::int64_t ms) {
    first_ms = ms < first_ms ? ms : first_ms;
    last_ms = ms > last_ms ? ms : last_ms;
  }
};

// What orders reviews without times. The order of a file often follows the items, and then tells what was taken last.
enum class ReviewOrder : std::uint8_t {
  kHash,  // a hash of what a review is: user, item, rating, its id, title and text
  kFile,  // its place in the file
};

// Field names in a raw review file; empty = the file has no such field. title, id, rating (then all is liked) and
// timestamp (then time.unit is kNone, and `order` orders) may be. "author.id" is the field id of the object author.
struct ReviewSchema {
  std::string item, user, rating, timestamp, title, text, id;
  TimeFormat time;
  ReviewOrder order = ReviewOrder::kHash;
};

// Field names in a raw metadata file. Description fields hold strings, lists of strings or numbers, or objects; they
// are joined in this order. Fields that know the future (average_rating, rating_number, bought_together, also_buy,
// also_viewed) are refused.
struct ItemSchema {
  std::string item, title;
  std::vector<std::string> description;
  std::string attributes;  // Yelp's object of Python literals; empty = none
};

struct Dataset {
  ReviewSchema review;
  ItemSchema item;
  std::filesystem::path prompts;  // folder with <stage>.txt, <stage>.schema.json, interaction.txt, persona.txt
};

// Which raw reviews a run takes. extract-aspects and summarize must agree on it; later stages check that they did.
struct ReviewSelection {
  std::uint64_t users = 0;   // reviews of the first N users of the file alone; 0 = all users
  std::uint64_t sample = 0;  // ... and of those the first N reviews; 0 = all reviews
};

}  // namespace persona4rec
