// Package migration has every line of Go of the migration guides, so that they compile. TestMigrationGuide of the root package
// writes it; nobody imports it.
package migration
