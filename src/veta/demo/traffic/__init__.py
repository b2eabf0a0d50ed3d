"""A month of movements of the demonstration's world: written as operators send them, with what each must answer."""
