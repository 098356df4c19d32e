// The accounts: what clients posted and were told, what became durable, and what reached the outside. They
// know what the project is to do and nothing of how the engine does it.
#pragma once

#include <map>
#include <set>

#include "tests/simulate/contents.hpp"
#include "tests/simulate/outside.hpp"
#include "tests/simulate/watched_store.hpp"

namespace wf::simulate {

/// One event of a client.
struct Post {
  std::uint64_t number = 0;  ///< its id; never used twice
  std::string type, contact;
  std::uint64_t first_posted = 0, acknowledged = 0;  ///< steps of the run; 0: not yet
};

/// What a record shows at the end.
struct Shown {
  std::int64_t orders_seen = 0, points = 0;
  std::vector<std::uint64_t> events;  ///< the numbers of its timeline, oldest first
};

class Books {
 public:
  /// A request with these left its client, or was answered with 2xx.
  void posted(const Post& post, std::uint64_t step);
  void acknowledged(std::uint64_t number, std::uint64_t step);

  /// A write that is durable. Throws Violation.
  void durable(const Written& written);
  /// Throws Violation.
  void attempted(const Attempt& attempt, std::int64_t now);

  /// At the end, when nothing is left to do. Throws Violation.
  void settle(const std::map<std::string, Shown>& shown) const;
  std::uint64_t accepted() const { return inputs_.size(); }
  std::uint64_t duplicates() const { return duplicates_; }
  std::uint64_t uncertain() const { return uncertain_; }
  std::set<std::string> contacts() const;

 private:
  struct Effective {  ///< an event that took effect
    Post post;
    std::uint64_t seq = 0;
    std::int64_t received_at = 0, applied_at = 0;
  };
  struct Key {
    std::string run;  ///< record and enrolment
    std::string what, body, contact;
    std::uint64_t attempts = 0, taken = 0;
    std::int64_t first_at = 0;
  };
  struct Made {  ///< an effect, when it became durable
    std::uint64_t effect = 0;
    std::int64_t at = 0;
    int version = 0;
    std::uint16_t attempts = 0;  ///< as stored last
  };
  struct Consent {
    bool marketing = false, subscribed = true, ever_refused = false;
  };

  void consume(const store::Input& input, std::int64_t now);
  void put_effect(const store::Effect& effect, std::int64_t now, int version);
  std::vector<const Key*> keys(const std::string& what, const std::string& run) const;
  const Key& one(const std::string& what, const std::string& run, const std::string& of) const;
  std::vector<const Key*> all(const std::string& what, const std::string& contact) const;
  void settle_acknowledged() const;
  void settle_timeline(const std::string& contact, const Shown& shown) const;
  void settle_order(const Key& ordered) const;
  void settle_visit(const Key& visit) const;
  void settle_welcome(const Key& visit) const;

  std::map<std::uint64_t, Post> posts_;
  std::vector<store::Input> inputs_;  // as accepted
  std::uint64_t consumed_ = 0, duplicates_ = 0, uncertain_ = 0;
  std::set<store::DedupeId> ids_, accepted_ids_;
  std::map<std::uint64_t, Effective> effective_;
  std::map<std::string, Consent> consents_;
  std::map<store::Key, std::string> contact_of_;
  std::map<std::uint64_t, std::string> key_of_;  // by effect
  std::map<std::string, Made> made_;             // by key
  std::map<std::string, store::EffectState> states_;
  std::set<std::string> settled_;
  std::map<std::string, Key> keys_;
};

}  // namespace wf::simulate
