// The world of one `test`: its records, what happens to them, and how its reports name things.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/sema/module.hpp"
#include "compiler/wfc/virtual_run.hpp"

namespace wf::wfc {

class TestWorld {
 public:
  TestWorld(const sema::Test& test, const bytecode::Program& program) : test_(test), program_(program) {}

  /// Creates the records that are given. `bundle` is that of the program.
  Result<void> start(const std::string& bundle, const VirtualRun::Ran& ran);
  /// Hands a line that says what happens to the engine; does nothing for others.
  void occur(const sema::TestLine& line);

  VirtualRun& run() { return *run_; }
  const sema::Test& test() const { return test_; }
  const bytecode::Program& program() const { return program_; }
  const bytecode::Catalogue& catalogue() const { return program_.catalogue; }
  const std::vector<Observation>& observations() const { return run_->observations(); }

  /// 0 before it exists; a record that was deleted is still known by the key that it had.
  engine::Key key(std::uint32_t record);
  const std::string& object_name(std::uint32_t record) const {
    return catalogue().objects[test_.records[record].object].name;
  }
  /// "taro"; "task 1" for records that no line gives.
  std::string name(engine::Key record);
  /// The subject of an observation: "email.welcome".
  std::string subject(const Observation& o) const { return run_->engine().subject_name(o.item.subject); }

  std::string offset(std::int64_t at) const;   ///< "+4d6h"
  std::string instant(std::int64_t at) const;  ///< "Fri 2026-03-06 15:00", in the test's zone

 private:
  std::string external_id(std::uint32_t record) const;
  engine::InputEvent input(engine::InputKind kind, std::uint32_t record) const;
  void add_properties(engine::InputEvent& event, std::uint32_t record,
                      const std::vector<std::pair<std::uint32_t, value::Value>>& properties) const;
  value::Value outside(const value::Value& v) const;

  Result<void> give(bool existing);
  bool comes_later(std::uint32_t record, const value::Value& v) const;
  void create(std::uint32_t record);
  void associate(std::uint32_t record);
  void associate_others(std::uint32_t record);

  // One for each line that says what happens.
  void happen(const sema::TestCreate& made);
  void happen(const sema::TestDelete& gone);
  void happen(const sema::TestOccurs& occurs);
  void happen(const sema::TestSet& set);
  void happen(const sema::TestMember& member);
  void happen(const sema::TestTopic& topic);
  void happen(const sema::TestEnroll& change);

  const sema::Test& test_;
  const bytecode::Program& program_;
  std::unique_ptr<VirtualRun> run_;
  std::map<std::uint32_t, engine::Key> keys_;
  std::map<engine::Key, std::string> names_;
  std::map<std::string, int> unnamed_;  // by object
};

}  // namespace wf::wfc
