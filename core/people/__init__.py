"""Several people with one app: who they are, how they sign in, what each may do, what they let others see."""
