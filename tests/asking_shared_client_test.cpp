// asking/shared_client.hpp.
#include "asking/shared_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

using testing::ElementsAre;

// Answers with its name; asks at most `budget` requests.
class NamedClient final : public ChatClient {
 public:
  explicit NamedClient(std::string name, std::size_t budget = SIZE_MAX) : name_(std::move(name)), budget_(budget) {}
  [[nodiscard]] std::string model() const override { return name_; }
  [[nodiscard]] bool has_answer(const ChatRequest& request) override {
    return std::ranges::find(asked, request.label) != asked.end();
  }
  void ask(const RequestStream& requests) override {
    while (auto request = requests()) {
      if (asked.size() == budget_) throw BudgetError("no money left");
      asked.push_back(request->label);
    }
  }
  [[nodiscard]] ChatOutcome outcome(const ChatRequest&) override { return {.answer = name_}; }
  [[nodiscard]] ChatTotals totals() const override { return {}; }

  std::vector<std::string> asked;

 private:
  std::string name_;
  std::size_t budget_;
};

ChatRequest request(const std::string& label, bool for_rest) {
  ChatRequest made;
  made.label = label;
  made.for_rest = for_rest;
  return made;
}

// Who answers a, b, c and d, where b is the rest's.
std::vector<std::string> answers(SharedClient& shared) {
  const std::vector<ChatRequest> all{request("a", false), request("b", true), request("c", false), request("d", false)};
  std::size_t next = 0;
  shared.ask([&]() -> std::optional<ChatRequest> {
    if (next == all.size()) return std::nullopt;
    return all[next++];
  });
  std::vector<std::string> names;
  for (const auto& each : all) names.push_back(shared.outcome(each).answer.get<std::string>());
  return names;
}

TEST(SharedClient, SendsEachRequestWhereItSays) {
  NamedClient model("model");
  NamedClient rest("rest");
  SharedClient shared(model, rest);
  EXPECT_THAT(answers(shared), ElementsAre("model", "rest", "model", "model"));
  EXPECT_THAT(model.asked, ElementsAre("a", "c", "d"));
  EXPECT_EQ(shared.of_rest(), 1U);
}

TEST(SharedClient, WhatTheBudgetLeavesOpenIsTheRests) {
  NamedClient model("model", 2);
  NamedClient rest("rest");
  SharedClient shared(model, rest);
  EXPECT_THAT(answers(shared), ElementsAre("model", "rest", "model", "rest"));
  EXPECT_EQ(shared.of_rest(), 2U);
}

}  // namespace
}  // namespace persona4rec
