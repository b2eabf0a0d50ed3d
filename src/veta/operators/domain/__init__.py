"""What an operator signs and how it is checked: pure, so that the node signs with the code the hub verifies with."""
